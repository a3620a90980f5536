"""The result of a check of a case or a run, and the figures that it voids."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from benchmarks.storage.records import plain

if TYPE_CHECKING:
    # It needs numpy, which takes as long to import as all options to be read.
    from benchmarks.analysis.quantities.groups import Group

Result = Literal["passed", "wrong", "noisy", "cannot tell"]
"""The result of a check.

Wrong: what was measured is not what was meant, so the figures that the check touches are void.
Noisy: the machine or a service was unsteady, so intervals are wider; nothing is void. Cannot tell:
there was too little to look at.
"""
Touches = Literal["all", "times"]
"""Which figures: all of them, or times and not counts."""

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

    @classmethod
    def of(
        cls,
        case: "Group",
        name: str,
        result: Result,
        *,
        detail: str,
        advice: str,
        touches: Touches = "all",
        variants: Iterable[str] = (),
        whole_run: bool = False,
    ) -> Self:
        """Return a check of a case, or one that what was seen there makes of the whole run.

        The advice is for one that did not pass. Where the reference is among the ``variants``, all
        that is compared with it is touched.
        """
        named = tuple(sorted({plain(variant) for variant in variants}))
        scenario, regime = case.key
        return cls(
            name=name,
            scenario="" if whole_run else scenario,
            regime=regime,
            result=result,
            detail=detail,
            advice="" if result == "passed" else advice,
            touches=touches,
            variants=() if plain(case.reference) in named else named,
        )

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


def wrong_if(condition: object) -> Result:
    """Return that something is wrong if the condition holds, else that it passed."""
    return "wrong" if condition else "passed"
