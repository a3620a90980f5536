import math
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.analysis.ratio import mean_interval, paired_log_interval, ratio_of_means

TRUE_RATIO = 4.4
RUNS = 1_000


@pytest.mark.parametrize("pairs", [4, 8, 30])
def test_the_95_percent_interval_of_a_ratio_covers_the_truth_in_93_to_97_of_100_runs(
    pairs: int,
) -> None:
    rng = np.random.default_rng(pairs)
    covered = 0
    for _ in range(RUNS):
        drift = rng.lognormal(0, 0.3, pairs)
        variant = 60 * drift * rng.lognormal(0, 0.05, pairs)
        reference = 60 * TRUE_RATIO * drift * rng.lognormal(0, 0.08, pairs)
        interval = paired_log_interval(reference.tolist(), variant.tolist())
        covered += interval.low <= TRUE_RATIO <= interval.high

    assert 0.93 <= covered / RUNS <= 0.97


def test_the_95_percent_interval_of_a_mean_covers_the_truth_in_93_to_97_of_100_runs() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(RUNS):
        interval = mean_interval(rng.normal(250, 20, 12).tolist())
        covered += interval.low <= 250 <= interval.high

    assert 0.93 <= covered / RUNS <= 0.97


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
