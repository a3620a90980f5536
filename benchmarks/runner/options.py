"""The options of ``fivefold compare``, checked completely before anything starts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from benchmarks.analysis.claims.claim import CLAIMS, Claim, ClaimUnreadable, parse_claim
from benchmarks.analysis.header import Case
from benchmarks.runner.profiles import PROFILES, Profile
from benchmarks.scenarios import SCENARIOS
from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED, UsageError, choice, within
from benchmarks.variants.registry import (
    DEFAULT,
    OTHERS,
    REFERENCE,
    VARIANTS,
    check_variants,
)

# Least and most that make sense; two observations are the least an interval can be made of.
LIMITS: Mapping[str, tuple[float, float]] = {
    "seed": (0, 2**63 - 1),
    "users": (1, 10_000),
    "blocks": (2, 1_000),
    "seconds": (1, 86_400),
    "rate": (0.01, 100_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """One comparison; an instance is always valid.

    ``variants`` starts with the reference, whether it was asked for or not. ``claims`` are judged
    beside those of the tutorial; those that ``asked`` names decide the exit code. Construction
    raises ``UsageError``.
    """

    profile: Profile
    cases: Sequence[Case]
    variants: tuple[str, ...]
    seed: int
    out: Path
    claims: tuple[Claim, ...] = ()
    asked: tuple[str, ...] = ()

    @classmethod
    def from_profile(
        cls,
        profile: str = "quick",
        *,
        scenarios: Iterable[str] = (),
        variants: Iterable[str] = (),
        claims: Iterable[str] = (),
        fail_on: Iterable[str] = (),
        seed: int = DEFAULT_SEED,
        blocks: int | None = None,
        out: Path = DEFAULT_OUT,
    ) -> Self:
        """Take the profile's values and the default variants where nothing else was asked for."""
        within("blocks", blocks, LIMITS)
        base = PROFILES[choice("profile", profile, PROFILES)]
        options = cls(
            profile=base,
            cases=_cases(base, scenarios, blocks),
            variants=tuple(dict.fromkeys([REFERENCE, *(tuple(variants) or DEFAULT)])),
            seed=seed,
            out=out,
        )
        own, asked = claims_of(
            claims,
            fail_on,
            known=CLAIMS,
            scenarios=options.scenarios,
            variants=options.variants,
            regimes=options.regimes,
        )
        return replace(options, claims=own, asked=asked)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Return the names of what is measured, each once."""
        return tuple(dict.fromkeys(case.scenario for case in self.cases))

    @property
    def regimes(self) -> tuple[str, ...]:
        """Return the names of the regimes that are measured, each once."""
        return tuple(dict.fromkeys(case.regime for case in self.cases))

    def __post_init__(self) -> None:
        check_variants(self.variants)
        within("seed", self.seed, LIMITS)
        if len(self.variants) < 2:  # noqa: PLR2004
            raise UsageError(
                f"nothing to compare with {REFERENCE}, which is always the reference; "
                f"choose at least one of: {', '.join(OTHERS)}"
            )
        for scenario in self.scenarios:
            if SCENARIOS[scenario].writes_only and len(self.variants_of(scenario)) < 2:  # noqa: PLR2004
                raise UsageError(
                    f"a ceiling answers reads only: scenario {scenario} needs a variant that can "
                    f"write beside {REFERENCE}"
                )
        check_out(self.out)

    def variants_of(self, scenario: str) -> tuple[str, ...]:
        """Return the variants that a scenario can measure: a ceiling answers reads only."""
        if not SCENARIOS[scenario].changes:
            return self.variants
        return tuple(name for name in self.variants if VARIANTS[name].kind != "ceiling")


def _cases(profile: Profile, scenarios: Iterable[str], blocks: int | None) -> tuple[Case, ...]:
    """Return the cases of the scenarios, the profile's if there are none, so often measured."""
    names = tuple(dict.fromkeys(scenarios)) or profile.scenarios
    for name in names:
        if name.endswith(".py"):
            raise UsageError(
                f"--scenario {name}: a file is for running services; name them as NAME=URL NAME=URL"
            )
        choice("scenario", name, SCENARIOS)
    cases = profile.cases(names)
    if blocks is None:
        return cases
    return tuple(replace(case, plan=replace(case.plan, observations=blocks)) for case in cases)


def claims_of(
    texts: Iterable[str],
    fail_on: Iterable[str] = (),
    *,
    known: Iterable[str] = (),
    scenarios: Sequence[str],
    variants: Sequence[str],
    regimes: Iterable[str],
    kind: str = "variant",
) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    """Read claims in words, of the first scenario unless they name one; raises ``UsageError``.

    Return them and the names of all claims that are asked: a claim in words is so by being made,
    and it or a ``known`` one by being named, such as C1 or C1@native. All that a claim is about has
    to be measured; ``kind`` is what the variants are called.
    """
    made = tuple(
        _claim(text, f"U{number}", scenarios[0]) for number, text in enumerate(texts, start=1)
    )
    for claim in made:
        choice("scenario", claim.scenario, scenarios)
        for name in (claim.variant, claim.reference):
            choice(kind, name, variants)
        if claim.regime:
            choice("regime", claim.regime, regimes)
    own = [claim.name for claim in made]
    asked = tuple(dict.fromkeys([*fail_on, *own]))
    names = [*known, *own]
    for each in asked:
        name, _, regime = each.partition("@")
        choice("claim", name, names)
        if regime:
            choice("regime", regime, regimes)
    return made, asked


def _claim(text: str, name: str, scenario: str) -> Claim:
    try:
        return parse_claim(text, name=name, scenario=scenario)
    except ClaimUnreadable as error:
        raise UsageError(f"--claim {text!r}: {error}") from error
