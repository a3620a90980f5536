"""Simulated measurements with a known truth, many runs at once, and how often intervals hold it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.analysis.stats.intervals import Interval

Array = NDArray[np.float64]
RUNS = 1_000
TRUE_RATIO = 4.4
VARIANT_MS = 60.0
DRIFT = 0.3
"""How far the machine's speed wanders from pair to pair; it hits both of a pair."""


def paired_blocks(
    rng: np.random.Generator, blocks: int, *, noise: float, ratio: float = TRUE_RATIO
) -> tuple[Array, Array]:
    """Return the block means of reference and variant, runs x blocks.

    ``noise`` is the standard deviation of the log-ratio of a pair.
    """
    return _pairs(rng, rng.normal(np.log(ratio), noise, (RUNS, blocks)))


def restarted_blocks(
    rng: np.random.Generator, restarts: int, blocks: int, *, between: float, within: float
) -> tuple[Array, Array]:
    """Return such block means with a ratio that differs by restart, runs x restarts x blocks."""
    by_restart = rng.normal(np.log(TRUE_RATIO), between, (RUNS, restarts, 1))
    return _pairs(rng, by_restart + rng.normal(0, within, (RUNS, restarts, blocks)))


def requests_in_blocks(
    rng: np.random.Generator, blocks: int, requests: int, *, block_noise: float, noise: float
) -> tuple[Array, Array]:
    """Return the single requests of reference and variant, runs x blocks x requests.

    Both are log-normal with the same spread, so every percentile has the ratio ``TRUE_RATIO``.
    """
    shape = (RUNS, blocks, requests)
    shared = rng.normal(0, block_noise, (RUNS, blocks, 1))
    reference, variant = (
        np.exp(shared + rng.normal(0, block_noise, (RUNS, blocks, 1)) + rng.normal(0, noise, shape))
        for _ in range(2)
    )
    return VARIANT_MS * TRUE_RATIO * reference, VARIANT_MS * variant


def coverage(
    interval: Callable[..., Interval | None], *runs: Array, truth: float = TRUE_RATIO
) -> float:
    """Return the share of runs whose interval holds the truth; one that is None does not."""
    found = [interval(*run) for run in zip(*(each.tolist() for each in runs), strict=True)]
    return sum(each is not None and each.low <= truth <= each.high for each in found) / len(found)


def _pairs(rng: np.random.Generator, log_ratios: Array) -> tuple[Array, Array]:
    drift = rng.lognormal(0, DRIFT, log_ratios.shape)
    return VARIANT_MS * drift * np.exp(log_ratios), VARIANT_MS * drift
