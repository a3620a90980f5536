"""Caches simulated operation by operation, to put the formulas to the test."""

import random
from collections import OrderedDict
from collections.abc import Sequence


def expiring(
    reads: float,
    writes: float,
    *,
    ttl_s: float,
    fill_s: float = 0.0,
    renewing: bool = False,
    operations: int = 300_000,
) -> float:
    """Return the hit ratio of one key; nobody waits for another's fill."""
    rng = random.Random(f"{reads} {writes} {ttl_s} {fill_s}")
    now = 0.0
    live_from, ends, hits, total = 0.0, -1.0, 0, 0
    for _ in range(operations):
        now += rng.expovariate(reads + writes)
        if rng.random() < writes / (reads + writes):
            ends = -1.0
            continue
        total += 1
        if live_from <= now < ends:
            hits += 1
            if renewing:
                ends = now + ttl_s
        elif now >= ends:
            # The first to miss starts the fill; who comes before it is done misses too.
            live_from, ends = now + fill_s, now + fill_s + ttl_s
    return hits / total


def least_recently_used(shares: Sequence[float], *, entries: int, requests: int = 200_000) -> float:
    """Return the hit ratio of a cache of this size, its first quarter left out."""
    rng = random.Random(entries)
    kept: OrderedDict[int, None] = OrderedDict()
    hits = 0
    counted = requests * 3 // 4
    for number, key in enumerate(rng.choices(range(len(shares)), shares, k=requests)):
        if key in kept:
            hits += number >= requests - counted
            kept.move_to_end(key)
        else:
            kept[key] = None
            if len(kept) > entries:
                kept.popitem(last=False)
    return hits / counted


def cold_run(reads: Sequence[float], writes: Sequence[float], *, requests: int, runs: int) -> float:
    """Return the hits per read over many runs, each from an empty cache."""
    rng = random.Random(requests)
    keys = len(reads)
    hits = total = 0
    for _ in range(runs):
        kept: set[int] = set()
        for drawn in rng.choices(range(2 * keys), [*reads, *writes], k=requests):
            if drawn >= keys:
                kept.discard(drawn - keys)
                continue
            total += 1
            hits += drawn in kept
            kept.add(drawn)
    return hits / total
