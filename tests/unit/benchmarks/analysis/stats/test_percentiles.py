from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.analysis.stats.percentiles import (
    least_values,
    nested_percentile_interval,
    percentile,
)


@pytest.mark.parametrize(
    ("p", "least"), [(50, 6), (90, 36), (95, 72), (99, 368), (99.9, 3688), (1, 368)]
)
def test_a_percentile_of_too_few_values_is_not_given(p: float, least: int) -> None:
    values = [float(value) for value in range(least)]

    assert least_values(p) == least
    assert percentile(values[:-1], p) is None
    assert percentile(values, p) == pytest.approx((least - 1) * p / 100)


def test_drift_that_hits_both_of_a_pair_cancels() -> None:
    variant = np.outer(np.linspace(1, 2, 10), np.linspace(1, 1.5, 7))

    interval = nested_percentile_interval([(3 * variant).tolist()], [variant.tolist()], 50)

    assert interval is not None
    assert (interval.low, interval.centre, interval.high) == pytest.approx((3, 3, 3))


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [(4, 2, True), (5, 1, False), (3, 2, False)],
    ids=["six in all, two in each", "one in a restart", "five in all"],
)
def test_a_percentile_takes_enough_requests_in_all_and_one_beyond_it_in_each_restart(
    first: int, second: int, *, told: bool
) -> None:
    enough = [[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]] * 2
    few = [[[1.0 + n for n in range(first)]], [[1.0 + n for n in range(second)]]]

    assert (nested_percentile_interval(few, enough, 50) is not None) is told
    assert (nested_percentile_interval(enough, few, 50) is not None) is told


@pytest.mark.parametrize(("blocks", "told"), [(1, False), (2, True), (30, True)])
def test_one_start_takes_two_groups_that_tell_the_percentile(blocks: int, *, told: bool) -> None:
    side = [[[1.0, 2.0, 3.0, 4.0]] * blocks]

    assert (nested_percentile_interval(side, side, 50) is not None) is told


@pytest.mark.parametrize(
    "call",
    [
        lambda: nested_percentile_interval([], [], 50),
        lambda: nested_percentile_interval([[[1.0] * 9] * 8], [[[1.0] * 9] * 9], 50),
        lambda: nested_percentile_interval([[[1.0] * 9] * 8], [[[0.0] * 9] * 8], 50),
        lambda: percentile([1.0] * 9, 0),
        lambda: percentile([1.0] * 9, 100),
    ],
)
def test_what_has_no_percentile_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"paired|positive|between 0 and 100"):
        call()
