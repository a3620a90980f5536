import math
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.analysis.stats.ratio import (
    mean_interval,
    paired_log_interval,
    ratio_of_means,
)
from tests.unit.benchmarks.analysis.simulated import (
    RUNS,
    TRUE_RATIO,
    coverage,
    paired_blocks,
    requests_in_blocks,
)


@pytest.mark.parametrize("pairs", [4, 8, 30])
def test_the_95_percent_interval_of_a_ratio_covers_the_truth_in_93_to_97_of_100_runs(
    pairs: int,
) -> None:
    reference, variant = paired_blocks(np.random.default_rng(pairs), pairs, noise=0.1)

    intervals = map(paired_log_interval, reference.tolist(), variant.tolist())

    assert 0.93 <= coverage(intervals, TRUE_RATIO) <= 0.97


def test_the_90_percent_interval_of_a_ratio_covers_the_truth_in_88_to_92_of_100_runs() -> None:
    reference, variant = paired_blocks(np.random.default_rng(1), 8, noise=0.1)

    intervals = (
        paired_log_interval(*pair, confidence=0.90)
        for pair in zip(reference.tolist(), variant.tolist(), strict=True)
    )

    assert 0.88 <= coverage(intervals, TRUE_RATIO) <= 0.92


def test_the_95_percent_interval_of_a_mean_covers_the_truth_in_93_to_97_of_100_runs() -> None:
    runs = np.random.default_rng(1).normal(250, 20, (RUNS, 12))

    intervals = map(mean_interval, runs.tolist())

    assert 0.93 <= coverage(intervals, 250) <= 0.97


def test_an_interval_over_single_requests_would_claim_a_precision_that_is_not_there() -> None:
    # Why blocks: what slows a block slows all of its requests, so these are no observations of
    # their own. 20 blocks of 20 requests, blocks and requests both off by 5 %.
    reference, variant = requests_in_blocks(
        np.random.default_rng(1), 20, 20, block_noise=0.05, noise=0.05
    )
    requests = reference.reshape(RUNS, -1), variant.reshape(RUNS, -1)
    blocks = reference.mean(axis=2), variant.mean(axis=2)

    naive, sound = (
        coverage(map(paired_log_interval, pair[0].tolist(), pair[1].tolist()), TRUE_RATIO)
        for pair in (requests, blocks)
    )

    assert naive < 0.6
    assert 0.93 <= sound <= 0.97


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


def test_more_confidence_makes_a_wider_interval() -> None:
    values = [4.1, 4.4, 4.5, 4.6], [1.0, 1.1, 1.0, 0.9]
    narrow = paired_log_interval(*values, confidence=0.90)
    wide = paired_log_interval(*values)

    assert wide.low < narrow.low < narrow.centre < narrow.high < wide.high


def test_the_ratio_of_means_is_a_ratio_of_sums() -> None:
    assert ratio_of_means([200, 300], [50, 58]) == pytest.approx(500 / 108)


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
