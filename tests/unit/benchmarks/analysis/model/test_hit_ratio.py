import math
import random

import numpy as np
import pytest

from benchmarks.analysis.model.hit_ratio import (
    expiring,
    mean_hit_ratio,
    ttl_needed_s,
)
from benchmarks.scenarios.popularity import zipf

THETA = 0.99


def steady(*, keys: int = 1000, skew: float = THETA, ttl_s: float, share: float = 0) -> float:
    """Return the mean hit ratio of 100 operations per second, ``share`` of them writes."""
    popularity = zipf(keys, skew)
    reads = popularity * 100 * (1 - share)
    return mean_hit_ratio(expiring(reads, popularity * 100 * share, ttl_s=ttl_s), reads)


@pytest.mark.parametrize(("keys", "skew"), [(0, 1), (5, -0.1)])
def test_a_popularity_of_nothing_is_refused(keys: int, skew: float) -> None:
    with pytest.raises(ValueError, match="at least one key"):
        zipf(keys, skew)


@pytest.mark.parametrize(
    ("keys", "ttl_s", "share", "ratios", "within"),
    [
        (1000, 300, 0, (0.968, 0.970), 0.005),
        (1000, 10, 0, (0.50, 0.71), 0.005),
        (10_000, 300, 0, (0.75, 0.85), 0.005),
        (1000, 300, 0.05, (0.937, 0.930), 0.001),
        (1000, math.inf, 0.05, (0.95, 0.95), 1e-9),
    ],
)
def test_the_worked_hit_ratios_of_ttls_users_and_writes(
    keys: int, ttl_s: float, share: float, ratios: tuple[float, float], within: float
) -> None:
    uniform, skewed = (
        steady(keys=keys, skew=skew, ttl_s=ttl_s, share=share) for skew in (0, THETA)
    )

    assert (uniform, skewed) == pytest.approx(ratios, abs=within)


def simulated(reads: float, writes: float, *, ttl_s: float) -> float:
    """Return the hit ratio of one key."""
    rng = random.Random(f"{reads} {writes} {ttl_s}")
    now, ends, hits, total = 0.0, -1.0, 0, 0
    for _ in range(100_000):
        now += rng.expovariate(reads + writes)
        if rng.random() < writes / (reads + writes):
            ends = -1.0
            continue
        total += 1
        if now < ends:
            hits += 1
        else:
            ends = now + ttl_s
    return hits / total


@pytest.mark.parametrize(("reads", "writes", "ttl_s"), [(2, 0.5, 3), (0.2, 0.05, 30)])
def test_expiry_and_writes_give_the_simulated_hit_ratio(
    reads: float, writes: float, ttl_s: float
) -> None:
    (predicted,) = expiring(np.array([reads]), np.array([writes]), ttl_s=ttl_s)

    hits = simulated(reads, writes, ttl_s=ttl_s)
    assert predicted == pytest.approx(hits, abs=0.005)


def test_without_an_end_only_writes_make_misses() -> None:
    ratios = expiring(np.array([3.0, 3.0, 0.0]), np.array([1.0, 0.0, 1.0]))

    assert ratios.tolist() == [0.75, 1.0, 0.0]


@pytest.mark.parametrize("wanted", [0.1, 0.5, 0.8, 0.93])
def test_the_ttl_needed_gives_the_hit_ratio(wanted: float) -> None:
    popularity = zipf(1000, THETA)
    reads, writes = popularity * 95, popularity * 5

    ttl_s = ttl_needed_s(reads, writes, hit_ratio=wanted)

    assert ttl_s is not None
    ratios = expiring(reads, writes, ttl_s=ttl_s)
    assert mean_hit_ratio(ratios, reads) == pytest.approx(wanted)


def test_beyond_the_cap_no_ttl_is_long_enough_and_nothing_needs_none() -> None:
    assert ttl_needed_s(np.array([0.9]), np.array([0.1]), hit_ratio=0.901) is None
    assert ttl_needed_s(np.array([0.9]), np.array([0.1]), hit_ratio=0) == 0
