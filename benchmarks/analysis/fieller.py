"""The ratio of two means of which neither was measured beside the other."""

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.analysis.ratio import LEAST_OBSERVATIONS, Interval, t_quantile


def fieller_interval(
    numerator: Sequence[float], denominator: Sequence[float], *, confidence: float = 0.95
) -> Interval | None:
    """Return mean(numerator) / mean(denominator) with Fieller's interval; None if unbounded.

    With Y, Y' the means of denominator and numerator and h^2 = t^2 s^2 / n of each (METHOD 1.3;
    Fieller, "Some problems in interval estimation", JRSS B 16, 1954):

        [ Y'Y -+ sqrt((Y'Y)^2 - (Y^2 - h^2)(Y'^2 - h'^2)) ] / (Y^2 - h^2)

    It has no bounds when the denominator cannot be told from 0, that is Y^2 <= h^2. The degrees
    of freedom of t are Satterthwaite's at the estimated ratio r (as Tamhane and Logan, "Finding
    the maximum safe dose level for heteroscedastic data", J. Biopharm. Statist. 14, 2004, do):
    (v' + r^2 v)^2 / (v'^2 / (n' - 1) + r^4 v^2 / (n - 1)) with v = s^2 / n. The n - 1 of METHOD
    covers 97.6 % instead of 95 % at n = n' = 5.

    The two are taken to be independent, each over values of the highest level that varies. Of
    pairs, ``paired_log_interval`` makes the narrower interval. Raises ``ValueError`` for fewer
    than two values of either.
    """
    top, top_variance = _mean_and_its_variance(numerator)
    bottom, bottom_variance = _mean_and_its_variance(denominator)
    if bottom == 0:
        return None
    t = t_quantile(
        _satterthwaite(
            top_variance, (top / bottom) ** 2 * bottom_variance, len(numerator), len(denominator)
        ),
        confidence,
    )
    top_h2, bottom_h2 = t**2 * top_variance, t**2 * bottom_variance
    spread = bottom**2 - bottom_h2
    if spread <= 0:
        return None
    product = top * bottom
    # Rounding can take what is 0 a hair below it.
    root = math.sqrt(max(0.0, product**2 - spread * (top**2 - top_h2)))
    return Interval(top / bottom, (product - root) / spread, (product + root) / spread)


def _mean_and_its_variance(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < LEAST_OBSERVATIONS:
        raise ValueError(f"an interval needs {LEAST_OBSERVATIONS} observations, got {len(values)}")
    return float(np.mean(values)), float(np.var(values, ddof=1)) / len(values)


def _satterthwaite(first: float, second: float, first_count: int, second_count: int) -> float:
    total = first + second
    if total == 0:
        return first_count + second_count - 2
    # Shares, since squares of small variances would underflow.
    shares = (first / total) ** 2 / (first_count - 1) + (second / total) ** 2 / (second_count - 1)
    return 1 / shares
