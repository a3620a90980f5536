from typing import Any

import numpy as np
import pytest

from benchmarks.micro.figures import (
    BenchmarkRow,
    grouped,
    percentile,
    ratio_of_medians,
    reference_of,
)
from tests.unit.benchmarks.micro.saves import measured

RUNS = 100
TRUE_RATIO = 3.0


def rows(*times_and_info: tuple[list[float], dict[str, Any]]) -> tuple[BenchmarkRow, ...]:
    [group] = grouped([measured(times_s, **info) for times_s, info in times_and_info])
    return group.rows


def test_groups_come_in_the_order_of_measuring() -> None:
    groups = grouped([measured([1], group=name) for name in ("writes", "reads", "writes")])

    assert [(group.name, len(group.rows)) for group in groups] == [("writes", 2), ("reads", 1)]


def test_a_row_has_percentiles_and_operations_per_second() -> None:
    [row] = rows(([number / 1000 for number in range(1, 102)], {}))

    assert (row.p50_s, row.p95_s, row.p99_s) == pytest.approx((0.051, 0.096, 0.1))
    assert row.operations_per_s == pytest.approx(1 / 0.051)


@pytest.mark.parametrize(("rounds", "percent"), [(19, 95), (99, 99)])
def test_a_percentile_that_would_be_the_maximum_is_not_given(rounds: int, percent: int) -> None:
    assert percentile([1.0] * rounds, percent) is None
    assert percentile([1.0] * (rounds + 1), percent) == 1.0


def test_uncached_is_the_reference_even_beside_one_that_says_it_is() -> None:
    marked = measured([1], variant="naive", reference=True)
    uncached = measured([1], variant="uncached")

    assert reference_of([marked, uncached]) is uncached
    assert reference_of([measured([1], variant="cached"), marked]) is marked
    assert reference_of([measured([1], variant="cached")]) is None


def test_only_the_others_have_a_ratio_and_a_median_of_zero_has_none() -> None:
    cached, naive = {"variant": "cached"}, {"variant": "naive"}
    reference, row, zero = rows(
        ([4.0] * 9, {"variant": "uncached"}), ([1.0] * 9, cached), ([0.0], naive)
    )

    assert (reference.is_reference, reference.ratio) == (True, None)
    assert not row.is_reference
    assert row.ratio
    assert (row.ratio.low, row.ratio.centre, row.ratio.high) == (4.0, 4.0, 4.0)
    assert (zero.ratio, zero.operations_per_s) == (None, None)
    # Without a reference nothing has one.
    assert [row.ratio for row in rows(([1.0], cached), ([2.0], naive))] == [None, None]


def test_one_round_is_enough_for_a_ratio_without_spread() -> None:
    interval = ratio_of_medians([3.0], [1.0])

    assert interval
    assert (interval.low, interval.centre, interval.high) == (3.0, 3.0, 3.0)


def test_the_same_data_give_the_same_interval() -> None:
    rng = np.random.default_rng(7)
    reference, variant = rng.lognormal(size=50).tolist(), rng.lognormal(size=50).tolist()

    assert ratio_of_medians(reference, variant) == ratio_of_medians(reference, variant)


def smooth(rng: np.random.Generator, memory: float) -> np.ndarray:
    """Return noise in which each value resembles the one before: an AR(1) process for each run."""
    noise = rng.normal(0, 1, (200, RUNS))
    for at in range(1, len(noise)):
        noise[at] = memory * noise[at - 1] + np.sqrt(1 - memory**2) * noise[at]
    return np.exp(0.2 * noise).T


@pytest.mark.parametrize(("memory", "least"), [(0.0, 0.91), (0.5, 0.86)])
def test_the_95_percent_interval_covers_the_true_ratio(
    monkeypatch: pytest.MonkeyPatch, memory: float, least: float
) -> None:
    monkeypatch.setattr("benchmarks.micro.figures.RESAMPLES", 200)
    rng = np.random.default_rng(3)
    covered = 0
    for reference, variant in zip(smooth(rng, memory), smooth(rng, memory), strict=True):
        interval = ratio_of_medians((TRUE_RATIO * reference).tolist(), variant.tolist())
        assert interval
        covered += interval.low <= TRUE_RATIO <= interval.high

    assert least <= covered / RUNS <= 0.99
