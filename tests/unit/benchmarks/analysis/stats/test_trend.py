import random

import pytest
from scipy import stats

from benchmarks.analysis.stats.intervals import slope


def test_a_straight_line_has_its_slope_and_no_doubt() -> None:
    found = slope([0, 10, 20, 30], [5, 25, 45, 65])

    assert (found.centre, found.low, found.high) == pytest.approx((2, 2, 2))


@pytest.mark.parametrize("xs", [[1, 2], [1, 2, 3]])
def test_too_few_points_have_no_interval(xs: list[float]) -> None:
    with pytest.raises(ValueError, match="needs 3 pairs"):
        slope(xs, [1, 2])


def test_slope_and_interval_are_those_of_scipy() -> None:
    rng = random.Random(2)
    ys = [0.3 * x + rng.gauss(0, 4) for x in range(12)]
    line = stats.linregress(range(12), ys)
    half = stats.t.ppf(0.95, 10) * line.stderr

    found = slope(range(12), ys, confidence=0.9)

    expected = (line.slope, line.slope - half, line.slope + half)
    assert (found.centre, found.low, found.high) == pytest.approx(expected)
