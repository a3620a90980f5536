"""Caches simulated operation by operation, to put the formulas to the test."""

import random


def expiring(reads: float, writes: float, *, ttl_s: float, fill_s: float = 0.0) -> float:
    """Return the hit ratio of one key; nobody waits for another's fill."""
    rng = random.Random(f"{reads} {writes} {ttl_s} {fill_s}")
    now = 0.0
    live_from, ends, hits, total = 0.0, -1.0, 0, 0
    for _ in range(100_000):
        now += rng.expovariate(reads + writes)
        if rng.random() < writes / (reads + writes):
            ends = -1.0
            continue
        total += 1
        if live_from <= now < ends:
            hits += 1
        elif now >= ends:
            # The first to miss starts the fill; who comes before it is done misses too.
            live_from, ends = now + fill_s, now + fill_s + ttl_s
    return hits / total
