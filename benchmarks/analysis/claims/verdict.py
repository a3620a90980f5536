"""Does an interval bear a claim out? Three answers, decided by rules that are fixed in advance."""

import math
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.claims.claim import MARGIN, Claim
from benchmarks.analysis.stats.distributions import normal_quantile
from benchmarks.analysis.stats.intervals import Interval

CONFIDENCE = 0.90
"""Two one-sided tests at 5 % are one two-sided interval at 90 %."""

Decision = Literal["reproduced", "not reproduced", "inconclusive"]
Bound = Literal["held", "not held", "undecided"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, and in a word or two how far off the claim is."""

    decision: Decision
    qualifier: str = ""


def within_bound(interval: Interval, *, least: float = -math.inf, most: float = math.inf) -> Bound:
    """Hold an interval against bounds: the one rule by which everything is judged.

    Held when the whole interval is within, bounds included, not held when none of it is, undecided
    when it straddles one of them.
    """
    if least <= interval.low and interval.high <= most:
        return "held"
    return "not held" if interval.high < least or interval.low > most else "undecided"


def equal_to(value: float) -> tuple[float, float]:
    """Return the least and the most that count as equal to a value: a factor 1 + ``MARGIN``."""
    return value / (1 + MARGIN), value * (1 + MARGIN)


def judge(claim: Claim, *, low: float, high: float) -> Verdict:
    """Judge a claim by the ``CONFIDENCE`` interval of what was measured.

    At least, and at most, are taken literally, with a margin above where one is granted. A time is
    off on either side; more than a ratio that is claimed is a stronger effect.
    """
    equals = claim.kind == "equals"
    if equals and claim.unit == "x":
        return judge_equal(claim.value, low=low, high=high)
    least, most = _limits(claim)
    bound = within_bound(Interval(low, low, high), least=least, most=most)
    if bound == "undecided":
        return Verdict("inconclusive", f"straddles the {'margin' if equals else 'claim'}")
    if bound == "held":
        return Verdict("reproduced")
    if equals:
        return Verdict("not reproduced", "slower" if low > most else "faster")
    return Verdict("not reproduced", "more" if claim.kind == "at_most" else _shortfall(low, high))


def edges(claim: Claim) -> tuple[float, ...]:
    """Return the values at which the verdict on a claim changes."""
    return tuple(filter(math.isfinite, _limits(claim)))


def _limits(claim: Claim) -> tuple[float, float]:
    if claim.kind == "at_least":
        return claim.value, math.inf
    if claim.kind == "at_most":
        return -math.inf, claim.value * (1 + claim.margin)
    return equal_to(claim.value)


def judge_equal(claimed: float, *, low: float, high: float) -> Verdict:
    """Judge "the ratio is ``claimed``" by equivalence testing (TOST; Schuirmann 1987).

    Reproduced when the whole interval lies within a factor 1 + ``MARGIN`` of the claim or above
    it (stronger), not reproduced when it lies below, inconclusive when it straddles an edge.
    """
    floor, ceiling = equal_to(claimed)
    bound = within_bound(Interval(low, low, high), least=floor, most=ceiling)
    if bound == "held":
        return Verdict("reproduced")
    if bound == "undecided":
        return Verdict("inconclusive", "straddles the margin")
    if low > ceiling:
        return Verdict("reproduced", "stronger")
    return Verdict("not reproduced", _shortfall(low, high))


def undecided(reason: str) -> Verdict:
    """Return the verdict on a ratio that could not be measured, or not be trusted."""
    return Verdict("inconclusive", reason)


def _shortfall(low: float, high: float) -> str:
    if low > 1:
        return "weaker"
    return "slower" if high < 1 else "no effect"


def blocks_needed(cov: float, full_width: float, *, confidence: float = 0.95) -> int:
    """Return how many blocks make an interval of ``full_width``, both as shares of the mean.

    n = ceil(4 Z^2 sigma^2 / W^2), sigma the coefficient of variation of the block means or, for a
    ratio, the standard deviation of the blocks' log-ratios: pyperf's ``required_nprocesses``.
    Z is the normal quantile, so where this gives fewer than about 20 the interval of
    Student's t is wider than asked for. Raises ``ValueError`` for a negative ``cov`` or a width
    that is not positive.
    """
    if cov < 0 or full_width <= 0:
        raise ValueError("blocks_needed needs cov >= 0 and a width above 0")
    z = normal_quantile(0.5 + confidence / 2)
    return max(1, math.ceil(4 * z**2 * cov**2 / full_width**2))


def blocks_to_decide(interval: Interval, edge: float, *, blocks: int, unit: str) -> int | None:
    """Return how many blocks would tell a value from ``edge``, going by an interval of ``blocks``.

    The interval is at ``CONFIDENCE``, of logs where the ``unit`` is ``x`` and of the values
    themselves otherwise, so that only then may it reach below 0. None when the value is on the
    edge, which no number of blocks can tell.
    """
    scale = math.log if unit == "x" else float
    distance = abs(scale(interval.centre) - scale(edge))
    if not distance:
        return None
    z = normal_quantile(0.5 + CONFIDENCE / 2)
    half = (scale(interval.high) - scale(interval.low)) / 2
    sigma = half * math.sqrt(blocks) / z
    return blocks_needed(sigma, 2 * distance, confidence=CONFIDENCE)
