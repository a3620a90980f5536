"""Which rule decides a claim, by what it claims."""

from benchmarks.analysis.claims.claim import Claim
from benchmarks.analysis.claims.verdict import MARGIN, Verdict, judge_at_least, judge_equal


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
