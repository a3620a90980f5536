"""The difference of two means that were not measured in pairs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.analysis.stats.ratio import LEAST_OBSERVATIONS, Interval, t_quantile


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a mean moved, its standard error and degrees of freedom."""

    moved: float
    error: float
    freedom: float

    def interval(self, confidence: float = 0.95) -> Interval:
        """Return the difference with its two-sided interval."""
        half = self.error * t_quantile(self.freedom, confidence)
        return Interval(self.moved, self.moved - half, self.moved + half)


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Return mean(second) - mean(first) of independent values that may vary differently.

    The values need not be as many: B. L. Welch, "The generalization of 'Student's' problem when
    several different population variances are involved", Biometrika 34 (1947). With variances
    s^2 over n values, and Satterthwaite's degrees of freedom v,

        d  +-  t_{1-alpha/2, v} sqrt(s1^2 / n1 + s2^2 / n2)
        v = (s1^2 / n1 + s2^2 / n2)^2 / ((s1^2 / n1)^2 / (n1 - 1) + (s2^2 / n2)^2 / (n2 - 1))

    Raises ``ValueError`` for fewer than two values on a side.
    """
    if min(len(first), len(second)) < LEAST_OBSERVATIONS:
        raise ValueError(f"a difference needs {LEAST_OBSERVATIONS} values on each side")
    one, two = (float(np.var(values, ddof=1)) / len(values) for values in (first, second))
    both = one + two
    # Values that do not vary at all leave nothing to divide by; any number of degrees will do.
    freedom = both**2 / (one**2 / (len(first) - 1) + two**2 / (len(second) - 1)) if both else 1.0
    moved = float(np.mean(second)) - float(np.mean(first))
    return Difference(moved, math.sqrt(both), freedom)
