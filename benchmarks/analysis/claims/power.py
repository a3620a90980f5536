"""How much has to be measured before an answer can be expected."""

import math

from scipy import special

from benchmarks.analysis.claims.verdict import CONFIDENCE
from benchmarks.analysis.stats.ratio import Interval


def blocks_needed(cov: float, full_width: float, *, confidence: float = 0.95) -> int:
    """Return how many blocks make an interval of ``full_width``, both as shares of the mean.

    n = ceil(4 Z^2 sigma^2 / W^2), sigma the coefficient of variation of the block means or, for a
    ratio, the standard deviation of the blocks' log-ratios: pyperf's ``required_nprocesses``,
    METHOD 1.3. Z is the normal quantile, so where this gives fewer than about 20 the interval of
    Student's t is wider than asked for. Raises ``ValueError`` for a negative ``cov`` or a width
    that is not positive.
    """
    if cov < 0 or full_width <= 0:
        raise ValueError("blocks_needed needs cov >= 0 and a width above 0")
    z = float(special.ndtri(0.5 + confidence / 2))
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
    z = float(special.ndtri(0.5 + CONFIDENCE / 2))
    half = (scale(interval.high) - scale(interval.low)) / 2
    sigma = half * math.sqrt(blocks) / z
    return blocks_needed(sigma, 2 * distance, confidence=CONFIDENCE)
