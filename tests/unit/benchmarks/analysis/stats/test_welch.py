import pytest

from benchmarks.analysis.stats.welch import difference


def test_the_interval_of_a_difference_is_welch_s() -> None:
    # Checked with scipy.stats.ttest_ind(equal_var=False).confidence_interval().
    interval = difference([1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 9.0]).interval()

    assert interval.centre == pytest.approx(2.5)
    assert (interval.low, interval.high) == pytest.approx((-5.55754, 10.55754), abs=1e-5)


def test_values_without_any_spread_have_an_interval_without_width() -> None:
    interval = difference([1.0, 1.0], [3.0, 3.0]).interval()

    assert (interval.low, interval.centre, interval.high) == (2.0, 2.0, 2.0)


def test_a_difference_needs_two_values_on_each_side() -> None:
    with pytest.raises(ValueError, match="2 values on each side"):
        difference([1.0], [1.0, 2.0])
