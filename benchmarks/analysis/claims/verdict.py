"""Does an interval bear a claim out? Three answers, decided by rules that are fixed in advance."""

import math
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.claims.claim import MARGIN, Claim
from benchmarks.analysis.stats.intervals import Interval

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

    "Equals" is equivalence testing (TOST; Schuirmann 1987): the whole interval has to lie within a
    factor 1 + ``MARGIN`` of the claim. A time is off on either side; a ratio above it is a stronger
    effect. At least, and at most, are taken literally, with a margin above where one is granted.
    """
    equals = claim.kind == "equals"
    least, most = _limits(claim)
    bound = within_bound(Interval(low, low, high), least=least, most=most)
    if bound == "undecided":
        return Verdict("inconclusive", f"straddles the {'margin' if equals else 'claim'}")
    if bound == "held":
        return Verdict("reproduced")
    if equals and claim.unit == "ms":
        return Verdict("not reproduced", "slower" if low > most else "faster")
    if equals and low > most:
        return Verdict("reproduced", "stronger")
    return Verdict("not reproduced", "more" if claim.kind == "at_most" else _shortfall(low, high))


def times_as_long(interval: Interval, value: float, *, unit: str = "x") -> float:
    """Return how many times as much to measure until an interval reaches no further than a value.

    Its half width shrinks with the square root of the number of observations. Widths are of
    logarithms where the ``unit`` is ``x``, a ratio's, and of the values themselves otherwise. No
    amount of measuring tells a value from the centre.
    """
    scale = math.log if unit == "x" else float
    distance = abs(scale(value) - scale(interval.centre))
    half = (scale(interval.high) - scale(interval.low)) / 2
    return (half / distance) ** 2 if distance else math.inf


def edges(claim: Claim) -> tuple[float, ...]:
    """Return the values at which the verdict on a claim changes."""
    return tuple(filter(math.isfinite, _limits(claim)))


def _limits(claim: Claim) -> tuple[float, float]:
    if claim.kind == "at_least":
        return claim.value, math.inf
    if claim.kind == "at_most":
        return -math.inf, claim.value * (1 + claim.margin)
    return equal_to(claim.value)


def _shortfall(low: float, high: float) -> str:
    if low > 1:
        return "weaker"
    return "slower" if high < 1 else "no effect"
