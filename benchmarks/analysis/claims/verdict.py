"""Does a measured ratio bear a claim out? Three answers, decided by a rule fixed in advance."""

from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.claims.claim import Claim

MARGIN = 0.10
CONFIDENCE = 0.90
"""Two one-sided tests at 5 % are one two-sided interval at 90 %."""

Decision = Literal["reproduced", "not reproduced", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, and in a word or two how far off the claim is."""

    decision: Decision
    qualifier: str = ""


def judge(claim: Claim, *, low: float, high: float) -> Verdict:
    """Judge a claim by the ``CONFIDENCE`` interval of what was measured."""
    if claim.kind == "at_least":
        return judge_at_least(claim.value, low=low, high=high)
    if claim.kind == "at_most":
        return judge_at_most(claim.value, low=low, high=high, margin=claim.margin)
    if claim.unit == "ms":
        return judge_time(claim.value, low=low, high=high)
    return judge_equal(claim.value, low=low, high=high)


def edges(claim: Claim) -> tuple[float, ...]:
    """Return the values at which the verdict on a claim changes."""
    if claim.kind == "at_least":
        return (claim.value,)
    if claim.kind == "at_most":
        return (claim.value * (1 + claim.margin),)
    return (claim.value / (1 + MARGIN), claim.value * (1 + MARGIN))


def judge_equal(claimed: float, *, low: float, high: float, margin: float = MARGIN) -> Verdict:
    """Judge "the ratio is ``claimed``" by equivalence testing (TOST, METHOD 3).

    Reproduced when the whole interval lies within a factor 1 + ``margin`` of the claim or above
    it (stronger), not reproduced when it lies below, inconclusive when it straddles an edge.
    """
    floor, ceiling = claimed / (1 + margin), claimed * (1 + margin)
    if high < floor:
        return Verdict("not reproduced", _shortfall(low, high))
    if low > ceiling:
        return Verdict("reproduced", "stronger")
    if floor <= low and high <= ceiling:
        return Verdict("reproduced")
    return Verdict("inconclusive", "straddles the margin")


def judge_at_least(claimed: float, *, low: float, high: float) -> Verdict:
    """Judge "the ratio is at least ``claimed``", literally: no margin is granted."""
    if low >= claimed:
        return Verdict("reproduced")
    if high < claimed:
        return Verdict("not reproduced", _shortfall(low, high))
    return Verdict("inconclusive", "straddles the claim")


def judge_at_most(claimed: float, *, low: float, high: float, margin: float = 0.0) -> Verdict:
    """Judge "it is at most ``claimed``", with a margin above where one is granted."""
    ceiling = claimed * (1 + margin)
    if high <= ceiling:
        return Verdict("reproduced")
    if low > ceiling:
        return Verdict("not reproduced", "more")
    return Verdict("inconclusive", "straddles the claim")


def judge_time(claimed: float, *, low: float, high: float, margin: float = MARGIN) -> Verdict:
    """Judge "it takes so long": off is off, on either side."""
    floor, ceiling = claimed / (1 + margin), claimed * (1 + margin)
    if high < floor:
        return Verdict("not reproduced", "faster")
    if low > ceiling:
        return Verdict("not reproduced", "slower")
    if floor <= low and high <= ceiling:
        return Verdict("reproduced")
    return Verdict("inconclusive", "straddles the margin")


def undecided(reason: str) -> Verdict:
    """Return the verdict on a ratio that could not be measured, or not be trusted."""
    return Verdict("inconclusive", reason)


def _shortfall(low: float, high: float) -> str:
    if low > 1:
        return "weaker"
    return "slower" if high < 1 else "no effect"
