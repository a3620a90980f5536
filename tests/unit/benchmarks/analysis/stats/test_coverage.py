"""How often intervals hold the truth, over 5 000 simulated runs each: all vectorized.

A pair of blocks is off by what the machine does between them. Speed that wanders hits both of a
pair and cancels; what neighbors have in common beyond that is for A/A to show
(``quantities/test_noise.py``).
"""

from functools import cache

import numpy as np
import pytest
from scipy import signal

from benchmarks.analysis.stats.intervals import nested_log_interval, paired_log_interval, t_quantile
from benchmarks.analysis.stats.stopping import PAIR, StoppingRule
from tests.unit.benchmarks.analysis.simulated import Array

pytestmark = pytest.mark.rest

RUNS = 5_000
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
    held = [
        coverage(logs[stopped_at == many, :many], confidence) * (stopped_at == many).sum()
        for many in np.unique(stopped_at)
    ]

    assert least <= sum(held) / RUNS <= most


@pytest.mark.parametrize("ratio", [1.0, 5.0])
def test_the_intervals_are_those_of_the_arithmetic_above(ratio: float) -> None:
    logs = log_ratios(restarts=5, pairs=12, wandering=True)[0]
    above = (60 * ratio * np.exp(logs)).tolist()
    below = np.full(logs.shape, 60.0).tolist()

    one = paired_log_interval(above[0], below[0])
    all_of_them = nested_log_interval(above, below)

    for found, values in ((one, logs[0]), (all_of_them, logs.mean(axis=1))):
        error = values.std(ddof=1) / np.sqrt(len(values))
        half = t_quantile(len(values) - 1, 0.9) * error
        assert np.log(found.centre / ratio) == pytest.approx(values.mean())
        assert np.log(found.high / found.centre) == pytest.approx(half)
