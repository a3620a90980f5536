"""How fast a series rises."""

import math
from collections.abc import Sequence
from statistics import linear_regression

import numpy as np

from benchmarks.analysis.stats.ratio import Interval, t_quantile

LEAST_POINTS = 3


def slope(xs: Sequence[float], ys: Sequence[float], *, confidence: float = 0.95) -> Interval:
    """Return the least-squares slope of ``ys`` over ``xs`` with Student's interval.

    b +- t_{1-alpha/2, n-2} s_b, s_b^2 = sum of squared residuals / ((n - 2) S_xx). Raises
    ``ValueError`` for fewer than three points, of which no interval can be made.
    """
    if len(xs) < LEAST_POINTS or len(xs) != len(ys):
        raise ValueError(f"a slope needs {LEAST_POINTS} pairs, got {len(xs)} and {len(ys)}")
    line = linear_regression(xs, ys)
    x, y = np.asarray(xs, float), np.asarray(ys, float)
    missed = float(np.square(y - line.intercept - line.slope * x).sum())
    freedom = len(xs) - 2
    error = math.sqrt(missed / freedom / float(np.square(x - x.mean()).sum()))
    half = t_quantile(freedom, confidence) * error
    return Interval(line.slope, line.slope - half, line.slope + half)
