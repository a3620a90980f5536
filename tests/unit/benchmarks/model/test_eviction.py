import math
import random

import numpy as np
import pytest

from benchmarks.analysis.evicting import CachedService, EvictingCache, Sizes
from benchmarks.model.eviction import Kind, bounded, evictions_that_fit, gap_that_fits_s
from benchmarks.model.hit_ratio import (
    expiring,
    least_recently_used,
    mean_hit_ratio,
    renewed_by_hits,
)
from benchmarks.model.popularity import zipf
from benchmarks.scenarios.base import Draw
from benchmarks.scenarios.mix import Mix
from benchmarks.scenarios.popularity import Zipf

RATES = np.array([0.01, 0.3, 1.0, 1.0001, 3.0, 40.0, 0.0])
SIMULATED = 0.01


def simulated_key(reads: float, writes: float, *, ttl_s: float, gap_s: float) -> float:
    """Return the hit ratio of one key, operation by operation."""
    rng = random.Random(f"{reads} {writes} {ttl_s} {gap_s}")
    now, ends_s, read_s, hits, total = 0.0, -1.0, -1.0, 0, 0
    for _ in range(40_000):
        now += rng.expovariate(reads + writes)
        if rng.random() < writes / (reads + writes):
            ends_s = -1.0
            continue
        total += 1
        if now < ends_s and now - read_s < gap_s:
            hits += 1
        else:
            ends_s = now + ttl_s
        read_s = now
    return hits / total


@pytest.mark.parametrize(
    ("reads", "writes", "ttl_s", "gap_s"),
    [
        (1.0, 0.0, 3.0, 1.0),
        (1.0, 0.3, 2.5, 1.0),
        (0.5, 0.05, 40.0, 2.0),
        (4.0, 0.1, 1.7, 0.5),
        (3.0, 2.0, 30.0, 0.4),
    ],
)
def test_what_ends_first_of_three_ends_the_entry(
    reads: float, writes: float, ttl_s: float, gap_s: float
) -> None:
    (ratio,) = bounded(np.array([reads]), np.array([writes]), ttl_s=ttl_s, gap_s=gap_s)

    expected = simulated_key(reads, writes, ttl_s=ttl_s, gap_s=gap_s)
    assert ratio == pytest.approx(expected, abs=SIMULATED)


@pytest.mark.parametrize("writes", [0.0, 0.2, 50.0])
def test_a_gap_as_long_as_the_ttl_never_ends_an_entry(writes: float) -> None:
    assert bounded(RATES, writes, ttl_s=2, gap_s=2) == pytest.approx(
        expiring(RATES, writes, ttl_s=2)
    )
    assert bounded(RATES, writes, ttl_s=2) == pytest.approx(expiring(RATES, writes, ttl_s=2))


@pytest.mark.parametrize("writes", [0.0, 0.2, 50.0])
def test_the_ratio_has_no_step_where_a_ttl_begins_to_matter(writes: float) -> None:
    just = bounded(RATES, writes, ttl_s=2 * (1 + 1e-6), gap_s=2)

    # The chance of no read at all for a whole gap is what begins there.
    assert just == pytest.approx(expiring(RATES, writes, ttl_s=2), abs=1e-4)


@pytest.mark.parametrize("writes", [0.0, 0.2, 5.0])
def test_a_ttl_that_never_comes_leaves_gaps_and_writes(writes: float) -> None:
    endless = renewed_by_hits(RATES, writes, ttl_s=1.5)

    assert bounded(RATES, writes, gap_s=1.5) == pytest.approx(endless)
    # Hits per fill are found gap by gap here, and by a constant decay behind the eighth.
    assert bounded(RATES, writes, ttl_s=1e9, gap_s=1.5) == pytest.approx(endless, abs=1e-3)


def lists(*, keys: int, ttl_s: float = math.inf, writes: float = 0.0) -> Kind:
    shares = zipf(keys, 0.99)
    return Kind(
        reads=shares * 100 * (1 - writes),
        writes=shares * 100 * writes,
        keys=np.ones(keys),
        entry_bytes=10.0,
        ttl_s=ttl_s,
    )


def test_without_ttl_and_writes_it_is_che() -> None:
    kind = lists(keys=300)

    gap_s = gap_that_fits_s([kind], room_bytes=10 * 75)

    assert kind.ratios(gap_s) == pytest.approx(
        least_recently_used(kind.reads, entries=75), abs=1e-5
    )


def test_the_entries_that_are_there_fill_the_memory() -> None:
    kinds = [lists(keys=200, ttl_s=3, writes=0.1), lists(keys=200, ttl_s=30)]

    gap_s = gap_that_fits_s(kinds, room_bytes=900)
    evictions = evictions_that_fit(kinds, room_bytes=900)

    assert sum(kind.filled_bytes(kind.ratios(gap_s)) for kind in kinds) == pytest.approx(900)
    assert sum(
        kind.filled_bytes(kind.ratios_at_random(evictions)) for kind in kinds
    ) == pytest.approx(900)


def test_where_all_fits_nothing_is_dropped() -> None:
    kind = lists(keys=50, ttl_s=2)

    assert gap_that_fits_s([kind], room_bytes=501) == math.inf
    assert evictions_that_fit([kind], room_bytes=501) == 0


def test_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        gap_that_fits_s([lists(keys=5)], room_bytes=0)
    with pytest.raises(ValueError, match="no room"):
        evictions_that_fit([lists(keys=5)], room_bytes=-1)


def test_dropping_the_oldest_is_better_than_dropping_any() -> None:
    kind = lists(keys=200, ttl_s=3, writes=0.1)
    gap_s, evictions = (
        gap_that_fits_s([kind], room_bytes=500),
        evictions_that_fit([kind], room_bytes=500),
    )

    oldest, anyone = (
        mean_hit_ratio(each, kind.reads)
        for each in (kind.ratios(gap_s), kind.ratios_at_random(evictions))
    )

    assert oldest > anyone + 0.02


@pytest.mark.parametrize(
    ("skew", "writes", "ttl_s", "entries"),
    [(0.99, 0.05, 2.0, 50), (0.99, 0.0, 9.0, 30), (0.6, 0.2, 2.0, 60)],
)
def test_all_three_together_give_the_simulated_hit_ratio(
    skew: float, writes: float, ttl_s: float, entries: int
) -> None:
    users, rate = 200, 300.0
    shares = zipf(users, skew) * rate
    kind = Kind(
        reads=shares * (1 - writes),
        writes=shares * writes,
        keys=np.ones(users),
        entry_bytes=1.0,
        ttl_s=ttl_s,
    )
    cache = EvictingCache(entries, random.Random(1), samples=None, tick_s=0)
    service = CachedService(
        cache=cache, sizes=Sizes(user=0, todos=1, trace=0), ttl_s=ttl_s, user_ttl_s=math.inf
    )
    mix, rng = Mix(Zipf(skew), reads=1 - writes), random.Random(7)
    given = Draw(users=users, amount=12_000, turn=0, rng=rng)

    service.run(mix(given), rate=rate)

    gap_s = gap_that_fits_s([kind], room_bytes=entries)
    predicted = mean_hit_ratio(kind.ratios(gap_s), kind.reads)
    assert service.hits / service.reads == pytest.approx(predicted, abs=SIMULATED)
