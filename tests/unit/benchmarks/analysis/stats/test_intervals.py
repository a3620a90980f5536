import math
from collections.abc import Callable

import pytest
from scipy import stats

from benchmarks.analysis.stats.intervals import (
    Interval,
    mean_difference,
    mean_interval,
    nested_log_interval,
    nested_mean_interval,
)


def test_drift_that_hits_both_of_a_pair_cancels() -> None:
    interval = nested_log_interval([[100, 200, 400]], [[50, 100, 200]])

    assert (interval.low, interval.centre, interval.high) == pytest.approx((2, 2, 2))


def test_the_interval_follows_the_formula() -> None:
    # ln 4 and ln 1: mean ln 2, s = ln 4 / sqrt 2; t(0.95, 1) = 6.314.
    interval = nested_log_interval([[4, 1]], [[1, 1]])
    half = 6.3138 * (math.log(4) / math.sqrt(2)) / math.sqrt(2)

    assert interval.centre == pytest.approx(2)
    assert interval.high == pytest.approx(2 * math.exp(half), rel=1e-4)
    assert interval.low == pytest.approx(2 / math.exp(half), rel=1e-4)


@pytest.mark.parametrize(
    ("unit", "low", "high"), [("x", 2 / 1.21, 2 * 1.44), ("ms", 2 - 0.4 / 1.1, 2.8)]
)
def test_a_widened_interval_has_sides_that_are_so_many_times_as_long(
    unit: str, low: float, high: float
) -> None:
    wide = Interval(2.0, 2 / 1.1, 2.4).widened(2.0, unit=unit)

    assert (wide.centre, wide.low, wide.high) == pytest.approx((2.0, low, high))


@pytest.mark.parametrize(
    "call",
    [
        lambda: nested_log_interval([[1.0]], [[1.0]]),
        lambda: nested_log_interval([[1.0, 2.0]], [[1.0, 2.0, 3.0]]),
        lambda: nested_log_interval([[1.0, 0.0]], [[1.0, 1.0]]),
        lambda: mean_interval([]),
        lambda: nested_log_interval([[1.0, 2.0]], [[1.0, 2.0], [1.0]]),
        lambda: nested_log_interval([[1.0, 2.0], []], [[1.0, 2.0], []]),
        lambda: nested_log_interval([[1.0, 2.0], [1.0]], [[1.0], [1.0]]),
        lambda: nested_log_interval([], []),
    ],
)
def test_what_has_no_interval_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"observations|paired|positive"):
        call()


def test_each_of_several_restarts_counts_as_one_observation() -> None:
    # Mean log-ratios ln 4 and ln 1, the first over two blocks, the second over one.
    interval = nested_log_interval([[2, 8], [5]], [[1, 1], [5]])

    assert interval.centre == pytest.approx(2)
    assert math.log(interval.high / 2) == pytest.approx(6.3138 * math.log(2), rel=1e-4)
    assert nested_mean_interval([[1.0] * 4, [3.0]]) == mean_interval([1.0, 3.0])
    assert nested_mean_interval([[1.0, 2.0, 4.0]]) == mean_interval([1.0, 2.0, 4.0])


def test_a_difference_of_means_is_that_of_welchs_test() -> None:
    before, after = [1.0, 1.2, 1.1, 0.9], [2.0, 2.6, 1.7]

    interval = mean_difference(before, after, confidence=0.95)

    low, high = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
    assert (interval.low, interval.high) == pytest.approx((low, high))
    with pytest.raises(ValueError, match="values on each side"):
        mean_difference([1.0], before)
