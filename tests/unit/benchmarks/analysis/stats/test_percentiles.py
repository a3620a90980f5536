from collections.abc import Callable
from functools import partial
from itertools import count

import numpy as np
import pytest

from benchmarks.analysis.stats.percentiles import (
    _resampled,
    _weights,
    block_percentile_interval,
    least_values,
    percentile,
    percentile_ratio_interval,
)
from tests.unit.benchmarks.analysis.simulated import VARIANT_MS, coverage, requests_in_blocks

RUNS, RESAMPLES = 400, 200
"""Few, but enough to find out how often an interval holds."""


@pytest.mark.parametrize(
    ("p", "least"), [(50, 6), (90, 36), (95, 72), (99, 368), (99.9, 3688), (1, 368)]
)
def test_a_percentile_of_too_few_values_is_not_given(p: float, least: int) -> None:
    values = [float(value) for value in range(least)]

    assert least_values(p) == least
    assert percentile(values[:-1], p) is None
    assert percentile(values, p) == pytest.approx((least - 1) * p / 100)
    assert least_values(99, confidence=0.90) == 299


@pytest.mark.rest
@pytest.mark.parametrize(
    ("p", "blocks", "requests", "block_noise"), [(50, 8, 10, 0.1), (90, 9, 8, 0.05)]
)
def test_the_95_percent_interval_of_a_ratio_of_percentiles_covers_the_truth(
    p: float, blocks: int, requests: int, block_noise: float
) -> None:
    rng, seeds = np.random.default_rng(blocks), count()
    runs = requests_in_blocks(rng, blocks, requests, block_noise=block_noise, noise=0.3)

    share = coverage(
        lambda above, below: percentile_ratio_interval(
            above, below, p, seed=next(seeds), resamples=RESAMPLES
        ),
        *(each[:RUNS] for each in runs),
    )

    assert 0.93 <= share <= 0.98


@pytest.mark.rest
def test_the_interval_of_a_percentile_in_blocks_covers_the_truth() -> None:
    _, runs = requests_in_blocks(np.random.default_rng(3), 20, 10, block_noise=0.1, noise=0.1)
    seeds = count()

    share = coverage(
        lambda run: block_percentile_interval(run, 50, seed=next(seeds), resamples=RESAMPLES),
        runs[:RUNS],
        truth=VARIANT_MS,
    )

    assert 0.93 <= share <= 0.97


def test_drift_that_hits_both_of_a_pair_cancels() -> None:
    variant = np.outer(np.linspace(1, 2, 10), np.linspace(1, 1.5, 7))

    interval = percentile_ratio_interval((3 * variant).tolist(), variant.tolist(), 50, seed=1)

    assert interval is not None
    assert (interval.low, interval.centre, interval.high) == pytest.approx((3, 3, 3))


@pytest.mark.parametrize("p", [3, 37, 50, 99])
def test_the_bisection_finds_what_sorting_every_resample_would(p: float) -> None:
    rng = np.random.default_rng(2)
    blocks = [rng.lognormal(size=size).round(1).tolist() for size in rng.integers(1, 9, 30)]
    weights = _weights(30, 3, 50)

    sorted_out = [
        np.percentile(np.concatenate([blocks[b] * int(row[b]) for b in range(30)]), p)
        for row in weights
    ]

    assert _resampled(blocks, p, weights) == pytest.approx(sorted_out)


def test_the_same_data_and_seed_give_the_same_interval() -> None:
    rng = np.random.default_rng(4)
    blocks = rng.lognormal(1, 0.2, (10, 9)).tolist(), rng.lognormal(0, 0.2, (10, 9)).tolist()

    first, again, other = (percentile_ratio_interval(*blocks, 50, seed=seed) for seed in (1, 1, 2))

    assert first == again != other


def test_few_blocks_or_few_requests_have_no_interval() -> None:
    seven, eight = [[1.0, 2.0, 3.0]] * 7, [[1.0, 2.0, 3.0]] * 8

    of_ratio = partial(percentile_ratio_interval, seed=1)
    of_blocks = partial(block_percentile_interval, seed=1)

    assert of_ratio(seven, seven, 50) is of_ratio(eight, eight, 99) is of_blocks(seven, 50) is None
    assert of_ratio(eight, eight, 50) is not None
    assert of_blocks(eight, 50) is not None


@pytest.mark.parametrize(
    "call",
    [
        lambda: percentile_ratio_interval([[1.0]] * 8, [[1.0]] * 9, 50, seed=1),
        lambda: percentile_ratio_interval([[1.0]] * 8, [[1.0]] * 7 + [[]], 50, seed=1),
        lambda: percentile_ratio_interval([[1.0]] * 8, [[0.0]] * 8, 50, seed=1),
        lambda: block_percentile_interval([[1.0]] * 8 + [[]], 50, seed=1),
        lambda: percentile([1.0] * 9, 0),
        lambda: percentile([1.0] * 9, 100),
    ],
)
def test_what_has_no_percentile_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"paired|needs values|positive|between 0 and 100"):
        call()
