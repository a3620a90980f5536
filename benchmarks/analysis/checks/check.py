"""The result of a check of a case or a run, and the figures that it voids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.analysis.header import Difference
from benchmarks.storage.records import AGAIN, CONTROLS, Sample

Result = Literal["passed", "wrong", "noisy", "cannot tell"]
"""The result of a check.

Wrong: what was measured is not what was meant, so the figures that the check touches are void.
Noisy: the machine or a service was unsteady, so intervals are wider; nothing is void. Cannot tell:
there was too little to look at.
"""
Touches = Literal["all", "times"]
"""Which figures: all of them, or times and not counts."""

ANY_GOOD = frozenset(range(200, 400))
"""The statuses of HTTP that are no error."""
ADVICE_ON_HITS = "is the cache reached, is its TTL long enough, and does no other client write?"
ALARM = 0.999
"""The confidence that it takes to accuse a service or the machine of having been different.

A run asks it of every case and variant, dozens of times: at 95 % each, runs in which nothing was
wrong would be accused again and again.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition, what came of it, what was seen and, if it did not pass, what to do.

    A check that names no scenario is about the whole run, one that names no variants about all.
    """

    name: str
    scenario: str
    regime: str
    result: Result
    detail: str
    advice: str = ""
    touches: Touches = "all"
    variants: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Tell whether the condition held."""
        return self.result == "passed"

    @property
    def wrong(self) -> bool:
        """Tell whether figures are void."""
        return self.result == "wrong"

    def voids(self, case: tuple[str, str], variants: Iterable[str], *, counts: bool) -> bool:
        """Tell whether a figure of these variants in a case is void by this check.

        ``counts`` tells that the figure is a count and no time.
        """
        here = not self.scenario or (self.scenario, self.regime) == case
        concerned = not self.variants or bool({*self.variants} & {*variants})
        return self.wrong and here and concerned and not (counts and self.touches == "times")


def failed_checks(checks: Iterable[Check]) -> list[Check]:
    """Return the checks that make figures void."""
    return [check for check in checks if check.wrong]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One scenario in one regime: the samples of complete observations, and how to read them.

    ``variants`` starts with the reference. ``caching`` names those of them that cache, ``ours``
    those whose answers have to be right, ``ceilings`` those that answer alike for everybody and
    know no cache. ``changing`` names the actions that write, ``expires`` tells that entries live
    for less than a block, ``mix`` that users and actions are drawn at random, ``cold`` that a
    session starts with a miss. ``rate`` is how many operations start per second, None for as fast
    as answers come. ``delay_ms`` was added to each find, ``redis_delay_ms`` to each round trip to
    Redis. ``answers`` are the statuses that are no failure.
    ``foreign`` services belong to the user: ``differences`` names the first place in which answers
    of theirs differ, and without ``bodies_compared`` their bodies were not compared.
    """

    samples: Sequence[Sample]
    variants: Sequence[str]
    caching: frozenset[str]
    ours: frozenset[str]
    ceilings: frozenset[str] = frozenset()
    changing: frozenset[str] = frozenset()
    expires: bool = False
    mix: bool = False
    cold: bool = True
    rate: float | None = None
    delay_ms: float = 0.0
    redis_delay_ms: float = 0.0
    answers: frozenset[int] = frozenset({200})
    foreign: bool = False
    differences: Sequence[Difference] = ()
    bodies_compared: bool = True
    scenario: str = field(init=False)
    regime: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scenario", self.samples[0].scenario)
        object.__setattr__(self, "regime", self.samples[0].regime)

    @property
    def reference(self) -> str:
        """Return the variant that the others are compared with."""
        return self.variants[0]

    @property
    def changes(self) -> bool:
        """Tell whether anything is written."""
        return bool(self.changing)

    @property
    def served(self) -> list[Sample]:
        """Return the samples of all variants but the ceilings."""
        return [sample for sample in self.samples if plain(sample.variant) not in self.ceilings]

    def check(
        self,
        name: str,
        result: Result,
        *,
        detail: str,
        advice: str,
        touches: Touches = "all",
        variants: Iterable[str] = (),
        whole_run: bool = False,
    ) -> Check:
        """Return a check of this case, or one that what was seen here makes of the whole run.

        The advice is for one that did not pass. Where the reference is among the ``variants``, all
        that is compared with it is touched.
        """
        named = tuple(sorted({plain(variant) for variant in variants}))
        return Check(
            name=name,
            scenario="" if whole_run else self.scenario,
            regime=self.regime,
            result=result,
            detail=detail,
            advice="" if result == "passed" else advice,
            touches=touches,
            variants=() if plain(self.reference) in named else named,
        )


def wrong_if(condition: object) -> Result:
    """Return that something is wrong if the condition holds, else that it passed."""
    return "wrong" if condition else "passed"


def plain(variant: str) -> str:
    """Return the variant that was measured, whatever it was measured for."""
    for suffix in (AGAIN, *CONTROLS):
        variant = variant.removesuffix(suffix)
    return variant
