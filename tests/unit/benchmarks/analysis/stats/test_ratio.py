import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from benchmarks.analysis.stats.intervals import Interval, mean_interval, paired_log_interval
from tests.unit.benchmarks.analysis.simulated import (
    RUNS,
    coverage,
    paired_blocks,
    requests_in_blocks,
)


@pytest.mark.parametrize(("pairs", "confidence"), [(4, 0.95), (8, 0.95), (30, 0.95), (8, 0.90)])
def test_the_interval_of_a_ratio_covers_the_truth_as_often_as_it_says(
    pairs: int, confidence: float
) -> None:
    runs = paired_blocks(np.random.default_rng(pairs), pairs, noise=0.1)

    share = coverage(partial(paired_log_interval, confidence=confidence), *runs)

    assert share == pytest.approx(confidence, abs=0.02)


def test_the_interval_of_a_mean_covers_the_truth_in_93_to_97_of_100_runs() -> None:
    runs = np.random.default_rng(1).normal(250, 20, (RUNS, 12))

    assert 0.93 <= coverage(mean_interval, runs, truth=250) <= 0.97


def test_an_interval_over_single_requests_would_claim_a_precision_that_is_not_there() -> None:
    # What slows a block slows all of its requests. Blocks and requests are both off by 5 %.
    runs = requests_in_blocks(np.random.default_rng(1), 20, 20, block_noise=0.05, noise=0.05)

    over_requests = coverage(paired_log_interval, *(each.reshape(RUNS, -1) for each in runs))
    over_blocks = coverage(paired_log_interval, *(each.mean(axis=2) for each in runs))

    assert over_requests < 0.6
    assert 0.93 <= over_blocks <= 0.97


def test_drift_that_hits_both_of_a_pair_cancels() -> None:
    interval = paired_log_interval([100, 200, 400], [50, 100, 200])

    assert (interval.low, interval.centre, interval.high) == pytest.approx((2, 2, 2))


def test_the_interval_follows_the_formula() -> None:
    # ln 4 and ln 1: mean ln 2, s = ln 4 / sqrt 2; t(0.975, 1) = 12.706.
    interval = paired_log_interval([4, 1], [1, 1])
    half = 12.7062 * (math.log(4) / math.sqrt(2)) / math.sqrt(2)

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
        lambda: paired_log_interval([1.0], [1.0]),
        lambda: paired_log_interval([1.0, 2.0], [1.0, 2.0, 3.0]),
        lambda: paired_log_interval([1.0, 0.0], [1.0, 1.0]),
        lambda: mean_interval([]),
    ],
)
def test_what_has_no_interval_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"observations|positive"):
        call()
