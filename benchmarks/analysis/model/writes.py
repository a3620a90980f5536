"""Reads mixed with writes that invalidate.

With the write share w, and W the time of a write without a cache,

    off = (1 - w)(a + d) + w W
    on  = (1 - w)[a + h c + (1 - h)(d + m)] + w (W + i).

A read hits only when the operation before it on its key was a read, so where the order is random
h <= 1 - w.
"""

import math
from dataclasses import dataclass

from benchmarks.analysis.model.cost import CostModel, mean_read_ms


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
