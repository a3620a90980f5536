"""The samples of a run by scenario and regime, with the header that explains them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.analysis.header import Header, MeasuredScenario
from benchmarks.analysis.quantities.blocks import (
    Which,
    block_requests_ms,
    complete_observations,
    everything,
    time_ratio,
)
from benchmarks.analysis.quantities.noise import against_itself, widening, widening_by_halves
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.analysis.stats.percentiles import median, nested_percentile_interval
from benchmarks.storage.records import AGAIN, LOAD, NOISE, Regime, Sample, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The samples of one scenario in one regime: of complete observations only.

    The ``header`` is that of the whole run. ``variants`` starts with the reference. A group of
    noise has each variant twice, and the reference also on slower databases. A group of
    load has the variants once, and its samples hold each of them again. ``widenings`` are the
    factors by which the intervals of a variant are wider than those of its blocks alone, see
    ``quantities.noise``; all estimates here are widened.
    """

    header: Header
    scenario: MeasuredScenario
    regime: Regime
    variants: tuple[str, ...]
    samples: Sequence[Sample]
    widenings: Mapping[str, float] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """Return the names of scenario and regime."""
        return self.scenario.name, self.regime.name

    @property
    def is_mix(self) -> bool:
        """Tell whether users and actions were drawn at random."""
        return self.scenario.kind == "mix"

    @property
    def is_noise(self) -> bool:
        """Tell whether variants are compared with themselves."""
        return self.regime.role == "noise"

    @property
    def is_load(self) -> bool:
        """Tell whether many users at a time were served."""
        return self.regime.name == LOAD

    @property
    def starts_cold(self) -> bool:
        """Tell whether the first read of a session met an empty cache."""
        alone = not self.is_mix and not self.is_load
        return alone and self.scenario.primed == "never"

    @property
    def reference(self) -> str:
        """Return the variant that the others are compared with."""
        return self.variants[0]

    @property
    def is_foreign(self) -> bool:
        """Tell whether the services were the user's own, which ran already."""
        return self.header.environment.is_foreign

    @property
    def changes(self) -> bool:
        """Tell whether anything is written."""
        return bool(self.scenario.changing)

    @property
    def served(self) -> list[Sample]:
        """Return the samples of all variants but the ceilings."""
        ceilings = self.header.ceilings
        return [sample for sample in self.samples if plain(sample.variant) not in ceilings]

    def database_ms(self, variant: str) -> float | None:
        """Return the median database time of a variant's requests, as the service measured it."""
        return median(sample.db_ms for sample in self.samples if sample.variant == variant)

    def ratio(self, above: str, below: str, *, of: Which = everything) -> Interval | None:
        """Return the total time of one variant over that of another, see ``time_ratio``."""
        found = time_ratio(self.samples, above, below, of=of)
        return self.widened(found, above, below)

    def percentile_ratio(self, above: str, below: str, p: float) -> Interval | None:
        """Return a percentile of one variant's requests over another's.

        See ``nested_percentile_interval`` for the formula, the sources, the coverage, and for what
        is too few and gives None.
        """
        over, under = (block_requests_ms(self.samples, name) for name in (above, below))
        found = nested_percentile_interval(over, under, p)
        return self.widened(found, above, below)

    def widened(self, found: Interval | None, *variants: str, unit: str = "x") -> Interval | None:
        """Return an interval that these variants went into as wide as the noise makes it."""
        factor = max((self.widenings.get(name, 1.0) for name in variants), default=1.0)
        return found.widened(factor, unit=unit) if found is not None else None


def groups_of(header: Header, samples: Iterable[Sample]) -> list[Group]:
    """Sort the samples; observations that lack a block of some variant count for nothing.

    Every group gets the widenings that A/A and its own halves ask for.
    """
    sorted_samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in samples:
        sorted_samples[sample.scenario, sample.regime].append(sample)
    groups = [
        _group(header, scenario, regime, members)
        for (scenario, regime), members in sorted_samples.items()
    ]
    return _widened([group for group in groups if group.samples])


def _group(header: Header, scenario: str, regime: str, samples: Sequence[Sample]) -> Group:
    described = {each.name: each for each in header.scenarios}[scenario]
    left_out = header.ceilings if described.changing else ()
    if regime == NOISE:
        variants = tuple(dict.fromkeys(sample.variant for sample in samples))
    else:
        variants = tuple(name for name in header.kinds if name not in left_out)
    twins = tuple(name + AGAIN for name in variants) if regime == LOAD else ()
    return Group(
        header=header,
        scenario=described,
        regime={each.name: each for each in header.regimes}[regime],
        variants=variants,
        samples=complete_observations(samples, [*variants, *twins]),
    )


def _widened(groups: Sequence[Group]) -> list[Group]:
    of_the_run = widening(
        each for group in groups if group.is_noise for each in against_itself(group.samples)
    )
    return [
        group if group.is_noise else replace(group, widenings=_widenings(group, of_the_run))
        for group in groups
    ]


def _widenings(group: Group, of_the_run: float) -> dict[str, float]:
    # Under load nothing else says how noisy it was than what was measured beside it.
    factor = widening(against_itself(group.samples)) if group.is_load else of_the_run
    halves = {
        name: widening_by_halves(group.samples, group.reference, name)
        for name in group.variants[1:]
    }
    return {name: max(factor, halves.get(name, 1.0)) for name in group.variants}


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
