import math
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.analysis.stats.nested import (
    between_restarts,
    nested_log_interval,
    nested_mean_interval,
    nested_percentile_interval,
)
from benchmarks.analysis.stats.percentiles import percentile_ratio_interval
from benchmarks.analysis.stats.ratio import mean_interval, paired_log_interval
from tests.unit.benchmarks.analysis.simulated import (
    RUNS,
    TRUE_RATIO,
    coverage,
    restarted_blocks,
)

WITHIN = 0.07


@pytest.mark.parametrize("restarts", [3, 5])
@pytest.mark.parametrize("blocks", [8, 40])
@pytest.mark.parametrize("between", [0.0, WITHIN / 3, WITHIN])
def test_the_95_percent_interval_covers_the_truth_whether_restarts_differ_or_not(
    restarts: int, blocks: int, between: float
) -> None:
    rng = np.random.default_rng(restarts * blocks)
    reference, variant = restarted_blocks(rng, restarts, blocks, between=between, within=WITHIN)

    intervals = map(nested_log_interval, reference.tolist(), variant.tolist())

    assert 0.93 <= coverage(intervals, TRUE_RATIO) <= 0.97


def test_restarts_of_unequal_length_never_cover_less() -> None:
    reference, variant = restarted_blocks(
        np.random.default_rng(2), 3, 40, between=0.0, within=WITHIN
    )
    lengths = (8, 40, 40)

    intervals = (
        nested_log_interval(
            [restart[:length] for restart, length in zip(above, lengths, strict=True)],
            [restart[:length] for restart, length in zip(below, lengths, strict=True)],
        )
        for above, below in zip(reference.tolist(), variant.tolist(), strict=True)
    )

    assert coverage(intervals, TRUE_RATIO) >= 0.95


def test_blocks_pooled_over_restarts_would_claim_a_precision_that_is_not_there() -> None:
    reference, variant = restarted_blocks(
        np.random.default_rng(3), 3, 40, between=WITHIN, within=WITHIN
    )

    pooled = map(
        paired_log_interval,
        reference.reshape(RUNS, -1).tolist(),
        variant.reshape(RUNS, -1).tolist(),
    )

    assert coverage(pooled, TRUE_RATIO) < 0.5


def test_one_restart_is_judged_by_its_blocks() -> None:
    reference, variant = [4.0, 4.4, 4.6], [1.0, 1.1, 0.9]

    assert nested_log_interval([reference], [variant]) == paired_log_interval(reference, variant)


def test_each_restart_counts_as_one_observation() -> None:
    # Mean log-ratios ln 4 and ln 1, the first over two blocks, the second over one.
    interval = nested_log_interval([[2, 8], [5]], [[1, 1], [5]])

    assert interval.centre == pytest.approx(2)
    assert math.log(interval.high / 2) == pytest.approx(12.7062 * math.log(2), rel=1e-4)


def test_the_ratio_of_each_restart_is_shown() -> None:
    assert between_restarts([[2, 8], [5]], [[1, 1], [5]]) == pytest.approx((4, 1))


def test_percentiles_of_one_restart_are_judged_by_its_blocks() -> None:
    rng = np.random.default_rng(4)
    reference, variant = rng.lognormal(1, 0.2, (10, 5)).tolist(), rng.lognormal(size=(10, 5))

    nested = nested_percentile_interval([reference], [variant.tolist()], 50, seed=1)

    assert nested == percentile_ratio_interval(reference, variant.tolist(), 50, seed=1)
    assert nested is not None


@pytest.mark.parametrize("between", [0.0, 0.3])
def test_percentiles_cover_the_truth_whether_restarts_differ_or_not(between: float) -> None:
    rng = np.random.default_rng(5)
    shape = (RUNS, 3, 6, 6)
    variant = rng.lognormal(0, 0.3, shape)
    by_restart = rng.lognormal(np.log(TRUE_RATIO), between, (RUNS, 3, 1, 1))
    reference = by_restart * rng.lognormal(0, 0.3, shape)

    intervals = (
        nested_percentile_interval(above, below, 90, seed=1)
        for above, below in zip(reference.tolist(), variant.tolist(), strict=True)
    )

    assert 0.93 <= coverage(intervals, TRUE_RATIO) <= 0.97


def test_a_restart_with_too_few_requests_has_no_percentile() -> None:
    enough, few = [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], [[1.0, 2.0]]

    assert nested_percentile_interval([enough, few], [enough, enough], 50, seed=1) is None
    assert nested_percentile_interval([enough, enough], [enough, enough], 50, seed=1) is not None


@pytest.mark.parametrize(
    "call",
    [
        lambda: nested_log_interval([[1.0, 2.0]], [[1.0, 2.0], [1.0]]),
        lambda: nested_log_interval([[1.0, 2.0], []], [[1.0, 2.0], []]),
        lambda: nested_log_interval([[1.0, 2.0], [1.0]], [[1.0], [1.0]]),
        lambda: nested_log_interval([[1.0]], [[1.0]]),
        lambda: nested_log_interval([], []),
        lambda: nested_percentile_interval([], [], 50, seed=1),
    ],
)
def test_what_has_no_interval_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"observations|paired"):
        call()


def test_restarts_are_the_observations_of_a_mean_where_there_are_several() -> None:
    alone = nested_mean_interval([[1.0, 2.0, 3.0]])
    several = nested_mean_interval([[1.0, 1.0, 1.0, 1.0], [3.0]])

    assert alone == mean_interval([1.0, 2.0, 3.0])
    assert several == mean_interval([1.0, 3.0])
