"""Is the difference between two independent groups of ratios a change? Pure arithmetic."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from scipy import special

from benchmarks.analysis.ratio import LEAST_OBSERVATIONS, Interval, from_log, t_quantile
from benchmarks.analysis.verdict import CONFIDENCE

Key = TypeVar("Key")
Decision = Literal["changed", "unchanged", "undecided"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, and in a few words what kind of change or why there is no decision."""

    decision: Decision
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the mean of the logarithms moved, its standard error and degrees of freedom."""

    log: float
    error: float
    freedom: float

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """Return the ratio after / before with its two-sided interval."""
        half = self.error * t_quantile(self.freedom, confidence)
        return from_log(Interval(self.log, self.log - half, self.log + half))

    def p_beyond(self, margin: float) -> float:
        """Return how probable so large a change is if the true one is a factor 1 + ``margin``.

        The greatest probability under "the change is at most that": both tails of a change that
        lies on the edge. With a margin of 0 it is the two-sided p-value of Welch's test.
        """
        edge = math.log1p(margin)
        if self.error == 0:
            return float(abs(self.log) <= edge)
        tails = ((abs(self.log) + sign * edge) / self.error for sign in (-1, 1))
        return sum(float(special.stdtr(self.freedom, -tail)) for tail in tails)


def difference(before: Sequence[float], after: Sequence[float]) -> Difference:
    """Return how the geometric mean of independent positive values changed, after / before.

    The values need not be paired nor as many, and the two groups may vary differently: Welch,
    "The generalization of Student's problem when several different population variances are
    involved", Biometrika 34, 1947. With logarithms x and their variances s^2 over n values,

        mean x_B - mean x_A  +-  t_{1-alpha/2, v} sqrt(s_A^2 / n_A + s_B^2 / n_B)
        v = (s_A^2 / n_A + s_B^2 / n_B)^2
            / ((s_A^2 / n_A)^2 / (n_A - 1) + (s_B^2 / n_B)^2 / (n_B - 1))

    Raises ``ValueError`` for fewer than two values in a group or one that is not positive.
    """
    if min(len(before), len(after)) < LEAST_OBSERVATIONS:
        raise ValueError(f"a difference needs {LEAST_OBSERVATIONS} values on each side")
    if min(*before, *after) <= 0:
        raise ValueError("a ratio needs positive values")
    a, b = np.log(before), np.log(after)
    of_a, of_b = float(np.var(a, ddof=1)) / len(a), float(np.var(b, ddof=1)) / len(b)
    both = of_a + of_b
    # Values that do not vary at all leave nothing to divide by; any number of degrees will do.
    freedom = both**2 / (of_a**2 / (len(a) - 1) + of_b**2 / (len(b) - 1)) if both else 1.0
    return Difference(float(np.mean(b) - np.mean(a)), math.sqrt(both), freedom)


def judge_changes(differences: Mapping[Key, Difference], *, margin: float) -> dict[Key, Verdict]:
    """Judge all speedups of a comparison of runs together.

    Unchanged where the whole ``CONFIDENCE`` interval lies within a factor 1 + ``margin`` of 1
    (two one-sided tests, as for claims). Changed where the change is larger than the margin at
    the level 1 - 0.95, by Holm's method over all of them ("A simple sequentially rejective
    multiple test procedure", Scandinavian Journal of Statistics 6, 1979): the probability that
    any of them is called changed wrongly is at most 5 %. Undecided otherwise.
    """
    p_values = {key: each.p_beyond(margin) for key, each in differences.items()}
    changed = _holm(p_values, level=(1 - CONFIDENCE) / 2)
    return {
        key: _verdict(each, margin=margin, changed=key in changed)
        for key, each in differences.items()
    }


def _verdict(found: Difference, *, margin: float, changed: bool) -> Verdict:
    interval = found.interval()
    floor, ceiling = 1 / (1 + margin), 1 + margin
    if changed:
        return Verdict("changed", "better" if found.log > 0 else "worse")
    if floor <= interval.low and interval.high <= ceiling:
        return Verdict("unchanged")
    if interval.high < floor or interval.low > ceiling:
        return Verdict("undecided", "changed, were it the only comparison")
    if interval.low > 1 or interval.high < 1:
        return Verdict("undecided", "differs, perhaps by less than the margin")
    return Verdict("undecided", "the interval is too wide")


def _holm(p_values: Mapping[Key, float], *, level: float) -> set[Key]:
    """Return what is rejected: by rising p-value, as long as p <= level / (how many are left)."""
    rejected: set[Key] = set()
    for key in sorted(p_values, key=lambda each: p_values[each]):
        if p_values[key] > level / (len(p_values) - len(rejected)):
            break
        rejected.add(key)
    return rejected
