"""How fast a series rises."""

from collections.abc import Sequence

from scipy import stats

from benchmarks.analysis.ratio import Interval

LEAST_POINTS = 3


def slope(xs: Sequence[float], ys: Sequence[float], *, confidence: float = 0.95) -> Interval:
    """Return the least-squares slope of ``ys`` over ``xs`` with Student's interval.

    b +- t_{1-alpha/2, n-2} s_b. Raises ``ValueError`` for fewer than three points, of which no
    interval can be made.
    """
    if len(xs) < LEAST_POINTS or len(xs) != len(ys):
        raise ValueError(f"a slope needs {LEAST_POINTS} pairs, got {len(xs)} and {len(ys)}")
    line = stats.linregress(xs, ys)
    half = float(stats.t.ppf(0.5 + confidence / 2, len(xs) - 2)) * float(line.stderr)
    return Interval(float(line.slope), float(line.slope) - half, float(line.slope) + half)
