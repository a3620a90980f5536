"""Reads mixed with writes that invalidate.

With the write share w, and W the time of a write without a cache,

    off = (1 - w)(a + d) + w W
    on  = (1 - w)[a + h c + (1 - h)(d + m)] + w (W + i).

A read hits only when the operation before it on its key was a read, so where the order is random
h <= 1 - w.
"""

import math
from dataclasses import dataclass

from benchmarks.analysis.model.cost import CostModel, hit_ratio_needed, mean_read_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """The share of writes among all operations, and their time without a cache.

    Raises ``ValueError`` for a share outside 0 to 1; without reads there is nothing to cache.
    """

    share: float
    write_ms: float

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            raise ValueError(f"the share of writes is 0 to less than 1, not {self.share}")

    @property
    def cap(self) -> float:
        """Return the largest hit ratio that random order allows: 1 - w."""
        return 1 - self.share


def overall_speedup(model: CostModel, writes: Writes, hit_ratio: float) -> float:
    """Return off / on over all operations; infinite when they cost nothing."""
    reads, share = 1 - writes.share, writes.share
    uncached_ms = reads * model.uncached_ms + share * writes.write_ms
    cached_ms = reads * mean_read_ms(model, hit_ratio)
    cached_ms += share * (writes.write_ms + model.invalidation_ms)
    return uncached_ms / cached_ms if cached_ms > 0 else math.inf


def break_even_with_writes(model: CostModel, writes: Writes) -> float | None:
    """Return h* = [m + (w / (1 - w)) i] / (d + m - c), None when no hit ratio up to 1 pays."""
    gain_ms = model.database_ms + model.miss_ms - model.hit_ms
    paid_ms = model.miss_ms + writes.share / (1 - writes.share) * model.invalidation_ms
    if model.database_ms <= model.hit_ms or paid_ms > gain_ms:
        return None
    return max(0.0, paid_ms / gain_ms)


def most_writes_for_reads(model: CostModel, speedup: float) -> float | None:
    """Return the largest w at which reads still reach ``speedup``: 1 - h_s.

    None when they do not even without writes.
    """
    needed = hit_ratio_needed(model, speedup)
    return None if needed is None else 1 - needed


def most_writes_overall(model: CostModel, speedup: float, *, write_ms: float) -> float | None:
    """Return the largest w at which all operations together reach ``speedup`` at h = 1 - w.

    None when they do not even without writes; 1 when writes alone do, since the cache spares them
    something (i < 0). With u = 1 - w, off - s on is the parabola

        s (d + m - c) u^2 + [(a + d) - W - s (a + d + m) + s (W + i)] u + W - s (W + i),

    which opens upwards and is otherwise not positive at u = 0, so it is positive from its only
    positive root on. Raises ``ValueError`` for a speedup below 1.
    """
    if speedup < 1:
        raise ValueError(f"a speedup is 1 or more, not {speedup}")
    if hit_ratio_needed(model, speedup) is None:
        return None
    gain_ms = model.database_ms + model.miss_ms - model.hit_ms
    written_ms = speedup * (write_ms + model.invalidation_ms)
    square = speedup * gain_ms
    linear = model.uncached_ms - write_ms - speedup * model.miss_total_ms + written_ms
    constant = write_ms - written_ms
    if constant > 0:
        return 1.0
    root = (-linear + math.sqrt(linear**2 - 4 * square * constant)) / (2 * square)
    return min(1.0, max(0.0, 1 - root))
