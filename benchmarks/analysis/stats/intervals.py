"""Means, differences and ratios with their intervals, of blocks and of restarts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST_OBSERVATIONS = 2
CONFIDENCE = 0.90
"""Of every interval of a time or a ratio: two one-sided tests at 5 % are one two-sided interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided confidence interval around ``centre``, in the unit of what was measured."""

    centre: float
    low: float
    high: float

    def widened(self, factor: float, *, unit: str = "x") -> "Interval":
        """Return the interval with each of its sides ``factor`` times as long.

        Sides are lengths of logarithms where the ``unit`` is ``x``, a ratio's, and of the values
        themselves otherwise.
        """
        if unit == "x":
            sides = (self.low / self.centre, self.high / self.centre)
            return Interval(self.centre, *(self.centre * side**factor for side in sides))
        sides = (self.low - self.centre, self.high - self.centre)
        return Interval(self.centre, *(self.centre + side * factor for side in sides))


def mean_interval(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Interval:
    """Return the mean of independent observations with Student's interval.

    mean +- t_{1-alpha/2, k-1} s / sqrt(k), over the values of the highest level that varies (here
    blocks), never over single requests: Kalibera and Jones, "Rigorous benchmarking in reasonable
    time", ISMM 2013. Raises ``ValueError`` for fewer than two values.
    """
    if len(values) < LEAST_OBSERVATIONS:
        raise ValueError(f"an interval needs {LEAST_OBSERVATIONS} observations, got {len(values)}")
    mean = float(np.mean(values))
    half = (
        t_quantile(len(values) - 1, confidence)
        * float(np.std(values, ddof=1))
        / math.sqrt(len(values))
    )
    return Interval(mean, mean - half, mean + half)


def log_ratios(reference: Sequence[float], variant: Sequence[float]) -> list[float]:
    """Return ln(reference / variant) of each pair of observations.

    Raises ``ValueError`` for unequal lengths or values that are not positive.
    """
    if len(reference) != len(variant):
        raise ValueError(f"{len(reference)} observations cannot be paired with {len(variant)}")
    if any(value <= 0 for value in (*reference, *variant)):
        raise ValueError("a ratio needs positive values")
    return [float(log) for log in np.log(np.asarray(reference) / np.asarray(variant))]


def from_log(log: Interval) -> Interval:
    """Return the interval of a ratio from that of its logarithm."""
    return Interval(math.exp(log.centre), math.exp(log.low), math.exp(log.high))


def t_quantile(degrees_of_freedom: float, confidence: float) -> float:
    """Return how many standard errors a two-sided interval reaches on either side (Student)."""
    # SciPy takes most of a second to import, and is needed when the first interval is.
    from scipy import special  # noqa: PLC0415

    return float(special.stdtrit(degrees_of_freedom, 0.5 + confidence / 2))


def mean_difference(
    first: Sequence[float], second: Sequence[float], *, confidence: float = CONFIDENCE
) -> Interval:
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
    half = math.sqrt(both) * t_quantile(freedom, confidence)
    return Interval(moved, moved - half, moved + half)


def nested_mean_interval(blocks: Sequence[Sequence[float]]) -> Interval:
    """Return the mean of blocks (inner) of restarts (outer), over what varies highest.

    One restart gives the interval over its blocks, several that over their means. Raises
    ``ValueError`` for fewer than two values of what counts.
    """
    if len(blocks) == 1:
        return mean_interval(blocks[0])
    return mean_interval([float(np.mean(restart)) for restart in blocks])


def nested_log_interval(
    reference: Sequence[Sequence[float]],
    variant: Sequence[Sequence[float]],
) -> Interval:
    """Return the ratio reference / variant of paired blocks (inner) of restarts (outer).

    Of one restart r_b = ln(reference_b / variant_b) gives exp(mean r +- t_{1-alpha/2, k-1} s_r /
    sqrt(k)), which knows nothing of what a restart changes. Pairs are measured next to each other
    in time, so slow drift of the machine cancels; unlike a percentile bootstrap it does not
    under-cover for few pairs. With several, each restart counts as one observation, its mean
    log-ratio m_i:

        exp(mean m +- t_{1-alpha/2, R-1} s_m / sqrt(R))

    the interval over the highest level that varies (Kalibera and Jones, "Rigorous benchmarking in
    reasonable time", ISMM 2013). s_m holds the variance within restarts as well, so for restarts
    of equal length it is exact for normal logs whatever the variance between them is, none
    included; for unequal lengths it covers at least 1 - alpha (Bakirov and Szekely 2005, used so
    by Ibragimov and Mueller, "t-statistic based correlation and heterogeneity robust inference",
    JBES 28, 2010: proved for alpha <= 5 %; at 90 % simulated only, 90 to 93 %).

    Its price is width: t is 4.3 at three restarts and 2.8 at five. What is narrower under-covers
    (simulated, 3 x 40 blocks): pooling all blocks covers 63 % when the variance between restarts
    is a tenth of that between blocks and 31 % when they are equal; pooling only where an F test
    at 25 % sees no difference covers 90 %.

    Raises ``ValueError`` as ``nested_log_ratios`` does, and for one block alone.
    """
    return from_log(mean_interval(nested_log_ratios(reference, variant)))


def nested_log_ratios(
    reference: Sequence[Sequence[float]], variant: Sequence[Sequence[float]]
) -> list[float]:
    """Return the independent log-ratios: of the blocks of one restart, else the restarts' means.

    Raises ``ValueError`` for restarts or blocks that cannot be paired, a restart without blocks,
    and values that are not positive.
    """
    if len(reference) != len(variant):
        raise ValueError(f"{len(reference)} restarts cannot be paired with {len(variant)}")
    logs = [log_ratios(*pair) for pair in zip(reference, variant, strict=True)]
    if not logs or not all(logs):
        raise ValueError("every restart needs observations")
    return logs[0] if len(logs) == 1 else [float(np.mean(restart)) for restart in logs]
