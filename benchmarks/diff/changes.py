"""Is the difference between two independent groups of ratios a change? Pure arithmetic."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from scipy import special

from benchmarks.analysis.claims.verdict import CONFIDENCE, within_bound
from benchmarks.analysis.stats.intervals import Interval, from_log, mean_difference, t_quantile

Key = TypeVar("Key")
Decision = Literal["changed", "unchanged", "undecided"]


@dataclass(frozen=True, slots=True)
class ChangeVerdict:
    """A decision, and in a few words what kind of change or why there is no decision."""

    decision: Decision
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class RunDifference:
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


def difference(before: Sequence[float], after: Sequence[float]) -> RunDifference:
    """Return how the geometric mean of independent positive values changed, after / before.

    Welch's difference of the logarithms. Raises ``ValueError`` for fewer than two values in a
    group or one that is not positive.
    """
    if min((*before, *after), default=1.0) <= 0:
        raise ValueError("a ratio needs positive values")
    moved = mean_difference(np.log(before).tolist(), np.log(after).tolist())
    return RunDifference(moved.moved, moved.error, moved.freedom)


def judge_changes(
    differences: Mapping[Key, RunDifference], *, margin: float
) -> dict[Key, ChangeVerdict]:
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


def _verdict(found: RunDifference, *, margin: float, changed: bool) -> ChangeVerdict:
    interval = found.interval()
    bound = within_bound(interval, least=1 / (1 + margin), most=1 + margin)
    if changed:
        return ChangeVerdict("changed", "better" if found.log > 0 else "worse")
    if bound == "held":
        return ChangeVerdict("unchanged")
    if bound == "not held":
        return ChangeVerdict("undecided", "changed, were it the only comparison")
    if interval.low > 1 or interval.high < 1:
        return ChangeVerdict("undecided", "differs, perhaps by less than the margin")
    return ChangeVerdict("undecided", "the interval is too wide")


def _holm(p_values: Mapping[Key, float], *, level: float) -> set[Key]:
    """Return what is rejected: by rising p-value, as long as p <= level / (how many are left)."""
    rejected: set[Key] = set()
    for key in sorted(p_values, key=lambda each: p_values[each]):
        if p_values[key] > level / (len(p_values) - len(rejected)):
            break
        rejected.add(key)
    return rejected
