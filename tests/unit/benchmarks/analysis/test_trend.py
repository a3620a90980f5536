import random

import pytest

from benchmarks.analysis.trend import slope


def test_a_straight_line_has_its_slope_and_no_doubt() -> None:
    found = slope([0, 10, 20, 30], [5, 25, 45, 65])

    assert (found.centre, found.low, found.high) == pytest.approx((2, 2, 2))


def test_noise_without_a_rise_has_zero_in_its_interval() -> None:
    rng = random.Random(1)

    found = slope(range(50), [100 + rng.gauss(0, 1) for _ in range(50)])

    assert found.low < 0 < found.high


def test_a_rise_in_noise_is_found_with_its_size() -> None:
    rng = random.Random(1)

    found = slope(range(50), [3 * x + rng.gauss(0, 5) for x in range(50)])

    assert 2.5 < found.low < 3 < found.high < 3.5


@pytest.mark.parametrize(("xs", "ys"), [([1, 2], [1, 2]), ([1, 2, 3], [1, 2])])
def test_too_few_points_have_no_interval(xs: list[float], ys: list[float]) -> None:
    with pytest.raises(ValueError, match="needs 3 pairs"):
        slope(xs, ys)
