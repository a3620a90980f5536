"""The difference of two means that were not measured in pairs."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from benchmarks.analysis.ratio import LEAST_OBSERVATIONS, Interval


def difference(
    first: Sequence[float], second: Sequence[float], *, confidence: float = 0.95
) -> Interval:
    """Return mean(second) - mean(first) with Welch's interval.

    d +- t_{1-alpha/2, v} sqrt(s1^2/n1 + s2^2/n2), with Satterthwaite's degrees of freedom v: B. L.
    Welch, "The generalization of 'Student's' problem when several different population variances
    are involved", Biometrika 34 (1947). Raises ``ValueError`` for fewer than two values on a side.
    """
    if min(len(first), len(second)) < LEAST_OBSERVATIONS:
        raise ValueError(f"an interval needs {LEAST_OBSERVATIONS} values on each side")
    centre = float(np.mean(second)) - float(np.mean(first))
    parts = [float(np.var(values, ddof=1)) / len(values) for values in (first, second)]
    spread = math.fsum(parts)
    if not spread:
        return Interval(centre, centre, centre)
    freedom = spread**2 / math.fsum(
        part**2 / (len(values) - 1) for part, values in zip(parts, (first, second), strict=True)
    )
    half = float(stats.t.ppf(0.5 + confidence / 2, freedom)) * math.sqrt(spread)
    return Interval(centre, centre - half, centre + half)
