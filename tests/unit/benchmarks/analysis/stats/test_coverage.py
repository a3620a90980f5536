"""How often intervals hold the truth, over 5 000 simulated runs each.

A pair of blocks is off by what the machine does between them. Speed that wanders hits both of a
pair and cancels; what neighbors have in common beyond that is for A/A to show
(``quantities/test_noise.py``).
"""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from benchmarks.analysis.claims.claim import CLAIMS
from benchmarks.analysis.claims.verdict import judge
from benchmarks.analysis.stats.intervals import (
    Interval,
    from_log,
    mean_interval,
    nested_log_interval,
    t_quantile,
)
from benchmarks.analysis.stats.percentiles import nested_percentile_interval
from benchmarks.analysis.stats.stopping import PAIR, StoppingRule

pytestmark = pytest.mark.rest

Array = NDArray[np.float64]
RUNS = 5_000
RATIO = 4.4
NOISE = 0.07
WANDERING = 0.95
"""The correlation of the machine's speed from one block to the next."""
BOUNDS = {0.90: (0.88, 0.92), 0.95: (0.93, 0.97)}


@cache
def log_ratios(*, restarts: int, pairs: int, wandering: bool, between: float = 0.0) -> Array:
    """Return what the logarithms of ratios are off by, runs x restarts x pairs.

    The blocks of a pair follow each other, in turns: ABBA.
    """
    rng = np.random.default_rng(restarts * 1000 + pairs)
    shape = (RUNS, restarts, pairs, 2)
    blocks = rng.normal(0, NOISE / np.sqrt(2), shape)
    if wandering:
        steps = rng.normal(0, 0.05, (RUNS, restarts, 2 * pairs))
        blocks += signal.lfilter([1], [1, -WANDERING], steps, axis=2).reshape(shape)
    turned = np.where(np.arange(pairs) % 2, -1.0, 1.0)
    off: Array = (blocks[..., 0] - blocks[..., 1]) * turned
    return off + rng.normal(0, between, (RUNS, restarts, 1))


def coverage(logs: Array, confidence: float) -> float:
    """Return the share of rows whose Student's interval of the mean holds 0."""
    many = logs.shape[1]
    half = t_quantile(many - 1, confidence) * logs.std(axis=1, ddof=1) / np.sqrt(many)
    return float((np.abs(logs.mean(axis=1)) <= half).mean())


@pytest.mark.parametrize("wandering", [False, True], ids=["independent", "wandering"])
@pytest.mark.parametrize("confidence", BOUNDS)
@pytest.mark.parametrize("pairs", [8, 30])
def test_one_start(pairs: int, confidence: float, *, wandering: bool) -> None:
    least, most = BOUNDS[confidence]
    [logs] = log_ratios(restarts=1, pairs=pairs, wandering=wandering).swapaxes(0, 1)

    assert least <= coverage(logs, confidence) <= most


@pytest.mark.parametrize("wandering", [False, True], ids=["independent", "wandering"])
@pytest.mark.parametrize("confidence", BOUNDS)
@pytest.mark.parametrize("between", [0.0, NOISE])
def test_several_starts(between: float, confidence: float, *, wandering: bool) -> None:
    least, most = BOUNDS[confidence]
    logs = log_ratios(restarts=5, pairs=12, wandering=wandering, between=between)

    assert least <= coverage(logs.mean(axis=2), confidence) <= most


def test_starts_of_unequal_length_never_cover_less() -> None:
    logs = log_ratios(restarts=3, pairs=40, wandering=False)
    cut_short = np.column_stack([logs[:, 0, :8].mean(axis=1), logs[:, 1:].mean(axis=2)])

    assert coverage(cut_short, 0.95) >= 0.945


@pytest.mark.parametrize("confidence", BOUNDS)
def test_with_the_early_stop(confidence: float) -> None:
    least, most = BOUNDS[confidence]
    rule, longest = StoppingRule(), 30
    [logs] = log_ratios(restarts=1, pairs=longest, wandering=False).swapaxes(0, 1)
    stopped_at = np.full(RUNS, longest)
    for seen in range(longest - PAIR, rule.least - 1, -PAIR):
        part = logs[:, :seen]
        half = t_quantile(seen - 1, rule.confidence) * part.std(axis=1, ddof=1) / np.sqrt(seen)
        stopped_at[half <= np.log1p(rule.half_width)] = min(longest, seen + rule.further)
    hits = [
        coverage(logs[stopped_at == many, :many], confidence) * (stopped_at == many).sum()
        for many in np.unique(stopped_at)
    ]

    assert least <= sum(hits) / RUNS <= most


def test_stopping_once_the_verdict_is_clear_would_ruin_the_interval() -> None:
    # Why only the width decides: near the claim, sooner or later a look finds it excluded.
    [logs] = log_ratios(restarts=1, pairs=30, wandering=False).swapaxes(0, 1)[:, :1000]
    off = np.log(5.005)

    def ends(run: Array) -> Interval:
        for seen in range(StoppingRule().least, 30, PAIR):
            found = from_log(mean_interval(off + run[:seen], confidence=0.95))
            if judge(CLAIMS["C2"], low=found.low, high=found.high).decision != "inconclusive":
                return found
        return from_log(mean_interval(off + run, confidence=0.95))

    assert np.mean([found.low <= 5.005 <= found.high for found in map(ends, logs)]) < 0.90


@pytest.mark.parametrize(
    ("p", "blocks", "requests", "block_noise"),
    [(50, 8, 10, 0.1), (90, 9, 8, 0.05), (95, 20, 10, 0.2), (99, 14, 60, 0.1)],
)
def test_percentiles_of_one_start(p: float, blocks: int, requests: int, block_noise: float) -> None:
    rng = np.random.default_rng(blocks)

    shape = (RUNS, 1, blocks, 1)
    shared = rng.normal(0, block_noise, shape)
    own = rng.normal(0, block_noise, (2, *shape))
    reference, variant = np.exp(shared + own + rng.normal(0, 0.3, (2, *shape[:3], requests)))

    assert 0.88 <= held(RATIO * reference, variant, p) <= 0.94


@pytest.mark.parametrize("between", [0.0, 0.3])
def test_percentiles_of_several_starts(between: float) -> None:
    rng = np.random.default_rng(5)
    by_restart = RATIO * rng.lognormal(0, between, (RUNS, 3, 1, 1))
    reference, variant = rng.lognormal(0, 0.3, (2, RUNS, 3, 6, 6))

    assert 0.88 <= held(by_restart * reference, variant, 90) <= 0.94


def held(reference: Array, variant: Array, p: float) -> float:
    """Return the share of runs whose interval of a percentile's ratio holds the truth."""
    found = [
        nested_percentile_interval(above.tolist(), below.tolist(), p)
        for above, below in zip(reference, variant, strict=True)
    ]
    return sum(each is not None and each.low <= RATIO <= each.high for each in found) / RUNS


@pytest.mark.parametrize("ratio", [1.0, 5.0])
def test_the_intervals_are_those_of_the_arithmetic_above(ratio: float) -> None:
    logs = log_ratios(restarts=5, pairs=12, wandering=True)[0]
    above = (60 * ratio * np.exp(logs)).tolist()
    below = np.full(logs.shape, 60.0).tolist()

    one = nested_log_interval(above[:1], below[:1])
    all_of_them = nested_log_interval(above, below)

    for found, values in ((one, logs[0]), (all_of_them, logs.mean(axis=1))):
        error = values.std(ddof=1) / np.sqrt(len(values))
        half = t_quantile(len(values) - 1, 0.9) * error
        assert np.log(found.centre / ratio) == pytest.approx(values.mean())
        assert np.log(found.high / found.centre) == pytest.approx(half)
