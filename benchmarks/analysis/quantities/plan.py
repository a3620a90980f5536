"""How the samples of a run are to be read: its header, and its groups of samples."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.analysis.claims.claim import Claim
from benchmarks.analysis.quantities.summary import complete_observations
from benchmarks.storage.records import AGAIN, LOAD, NOISE, Coherence, Sample

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The samples of one scenario in one regime: of complete observations only.

    ``variants`` starts with the reference. A group of noise has each variant twice. A group of
    load has the variants once, and its samples hold each of them again.
    """

    scenario: Entry
    regime: Entry
    variants: tuple[str, ...]
    samples: Sequence[Sample]

    @property
    def key(self) -> tuple[str, str]:
        """Return the names of scenario and regime."""
        return self.scenario["name"], self.regime["name"]

    @property
    def is_mix(self) -> bool:
        """Tell whether users and actions were drawn at random."""
        return bool(self.scenario["kind"] == "mix")

    @property
    def is_noise(self) -> bool:
        """Tell whether variants are compared with themselves."""
        return bool(self.regime["role"] == "noise")

    @property
    def is_load(self) -> bool:
        """Tell whether many users at a time were served."""
        return bool(self.regime["name"] == LOAD)

    @property
    def starts_cold(self) -> bool:
        """Tell whether the first read of a session met an empty cache."""
        alone = not self.is_mix and not self.is_load
        return alone and bool(self.scenario["primed"] == "never")


class Plan:
    """What a run's header says about how its samples are to be read."""

    def __init__(self, header: Mapping[str, Any]) -> None:
        self.header = header
        self.kinds: dict[str, str] = {entry["name"]: entry["kind"] for entry in header["variants"]}
        redis = header["environment"]["redis"]
        self.scenarios = {entry["name"]: entry for entry in header["scenarios"]}
        self.regimes = {entry["name"]: entry for entry in header["regimes"]}
        self.variants = list(self.kinds)
        self.ceilings = {name for name, kind in self.kinds.items() if kind == "ceiling"}
        self.ours = [name for name, kind in self.kinds.items() if kind == "ours"]
        self.coherence = [Coherence(**entry) for entry in header["coherence"]]
        self.asked = tuple(header["options"]["asked"])
        self.claims = tuple(Claim(**entry) for entry in header["options"]["claims"])
        self.redis_measures_latency = redis is None or redis["measures_latency"]

    @property
    def reference(self) -> str:
        """Return the variant that all others are compared with."""
        return self.variants[0]

    @property
    def has_reference(self) -> bool:
        """Tell whether it is this project's service, which the starting document is about."""
        return self.kinds[self.reference] == "reference"

    def groups(self, samples: Sequence[Sample]) -> list[Group]:
        """Sort the samples; observations that lack a block of some variant count for nothing."""
        sorted_samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
        for sample in samples:
            sorted_samples[sample.scenario, sample.regime].append(sample)
        groups = [
            self._group(scenario, regime, members)
            for (scenario, regime), members in sorted_samples.items()
        ]
        return [group for group in groups if group.samples]

    def _group(self, scenario: str, regime: str, samples: Sequence[Sample]) -> Group:
        entry = self.scenarios[scenario]
        if regime == NOISE:
            variants = tuple(dict.fromkeys(sample.variant for sample in samples))
        else:
            variants = tuple(
                name for name in self.variants if not (entry["changing"] and name in self.ceilings)
            )
        twins = tuple(name + AGAIN for name in variants) if regime == LOAD else ()
        return Group(
            scenario=entry,
            regime=self.regimes[regime],
            variants=variants,
            samples=complete_observations(samples, [*variants, *twins]),
        )


def responses(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples as a user has them: those of a load from when they were due.

    Where a service cannot keep up, requests are late because of those before them, and that is
    part of what it takes (Schroeder et al., "Open versus closed", NSDI 2006). Samples of blocks on
    one connection are left as they are: there the schedule is looked at by the check of the pace.
    """
    return [
        replace(sample, duration_s=sample.start_s + sample.duration_s - sample.intended_start_s)
        if sample.regime == LOAD
        else sample
        for sample in samples
    ]
