"""The cost of requests with and without a cache: n reads from a cold one, and mixes with writes.

Per request: a is the work that both do, d the time that a hit avoids (the database and what is
made of its answer), c what a hit costs instead, m what a miss costs on top of the database, and i
what invalidation adds to a write. n reads of the same data from a cold cache then cost

    U(n) = n (a + d)                        without a cache,
    K(n) = (a + d + m) + (n - 1)(a + c)     with one, and S(n) = U(n) / K(n).

Where d >= c, K(n) > a + d for n > 1, so S(n) < n however slow the database is. At the hit ratio h,
with the share w of writes among all operations and W the time of a write without a cache,

    off = (1 - w)(a + d) + w W
    on  = (1 - w)[a + h c + (1 - h)(d + m)] + w (W + i), and S(h) = off / on.

A read hits only when the operation before it on its key was a read, so where the order is random
h <= 1 - w.
"""

import math
from dataclasses import dataclass, replace
from typing import Self

ROUNDING = 1e-9
"""A result this close to a whole number or a bound is on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """Milliseconds of the parts of one request: a, d, c, m and i of the formulas above."""

    app_ms: float
    database_ms: float
    hit_ms: float
    miss_ms: float
    invalidation_ms: float = 0.0

    @classmethod
    def from_means(
        cls,
        *,
        uncached_ms: float,
        miss_ms: float,
        hit_ms: float,
        app_ms: float = 0.0,
        invalidation_ms: float = 0.0,
    ) -> Self:
        """Return the model of measured request means; without ``app_ms`` a stays inside d and c.

        S(n), S(h) and the break-even hit ratio depend on sums and differences only, so they are
        right without the split. What depends on c or a alone is not.
        """
        return cls(
            app_ms=app_ms,
            database_ms=uncached_ms - app_ms,
            hit_ms=hit_ms - app_ms,
            # A miss does all that an uncached read does and more; a mean below that is noise.
            miss_ms=max(0.0, miss_ms - uncached_ms),
            invalidation_ms=invalidation_ms,
        )

    @property
    def uncached_ms(self) -> float:
        """Return the time of a read without a cache: a + d."""
        return self.app_ms + self.database_ms

    @property
    def hit_total_ms(self) -> float:
        """Return the time of a read that hits: a + c."""
        return self.app_ms + self.hit_ms

    @property
    def miss_total_ms(self) -> float:
        """Return the time of a read that misses: a + d + m."""
        return self.uncached_ms + self.miss_ms

    def uncached_total_ms(self, reads: int) -> float:
        """Return U(n)."""
        return reads * self.uncached_ms

    def cached_total_ms(self, reads: int) -> float:
        """Return K(n)."""
        return self.miss_total_ms + (reads - 1) * self.hit_total_ms

    def speedup(self, reads: int) -> float:
        """Return S(n)."""
        return self.uncached_total_ms(reads) / self.cached_total_ms(reads)

    @property
    def limit(self) -> float:
        """Return S(infinity), what no number of reads can pass; infinite when a hit is free."""
        return self.uncached_ms / self.hit_total_ms if self.hit_total_ms > 0 else math.inf

    def reads_needed(self, speedup: float) -> int | None:
        """Return the first n with S(n) >= ``speedup``, or None when no n reaches it.

        n_s = s (m + d - c) / ((a + d) - s (a + c)), from S(n) = s.
        """
        slope = self.uncached_ms - speedup * self.hit_total_ms
        if slope <= 0:
            return 1 if self.speedup(1) >= speedup else None
        reads = speedup * (self.miss_ms + self.database_ms - self.hit_ms) / slope
        # A whole number may come out a rounding error too high.
        return max(1, math.ceil(reads - ROUNDING))


def farther(model: CostModel, redis_ms: float) -> CostModel:
    """Return the model for a cache whose round trips take that much longer.

    A hit asks for all its keys at once. A miss looks, and asks for the right to fill; the filling
    itself is not waited for.
    """
    return replace(model, hit_ms=model.hit_ms + redis_ms, miss_ms=model.miss_ms + 2 * redis_ms)


def mean_read_ms(model: CostModel, hit_ratio: float) -> float:
    """Return the mean time of a read with a cache: a + h c + (1 - h)(d + m)."""
    missed_ms = model.database_ms + model.miss_ms
    return model.app_ms + (hit_ratio * model.hit_ms + (1 - hit_ratio) * missed_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """The share of writes among all operations, less than 1, and their time without a cache."""

    share: float
    write_ms: float


NO_WRITES = Writes(share=0.0, write_ms=0.0)


def speedup_at(model: CostModel, hit_ratio: float, writes: Writes = NO_WRITES) -> float:
    """Return S(h) of all operations; infinite when they cost nothing."""
    reads, share = 1 - writes.share, writes.share
    uncached_ms = reads * model.uncached_ms + share * writes.write_ms
    cached_ms = reads * mean_read_ms(model, hit_ratio)
    cached_ms += share * (writes.write_ms + model.invalidation_ms)
    return uncached_ms / cached_ms if cached_ms > 0 else math.inf


def break_even_hit_ratio(model: CostModel, writes: Writes = NO_WRITES) -> float | None:
    """Return the hit ratio from which on the cache gains: [m + (w / (1 - w)) i] / (d + m - c).

    None when no hit ratio up to 1 does.
    """
    gain_ms = model.database_ms + model.miss_ms - model.hit_ms
    paid_ms = model.miss_ms + writes.share / (1 - writes.share) * model.invalidation_ms
    if model.database_ms <= model.hit_ms or paid_ms > gain_ms:
        return None
    return max(0.0, paid_ms / gain_ms)


def break_even_database_ms(model: CostModel, hit_ratio: float) -> float:
    """Return the d above which reads gain, d* = c + m (1 - h) / h; infinite for h = 0."""
    if hit_ratio == 0:
        return math.inf if model.miss_ms > 0 else model.hit_ms
    return model.hit_ms + model.miss_ms * (1 - hit_ratio) / hit_ratio


def hit_ratio_needed(model: CostModel, speedup: float) -> float | None:
    """Return the hit ratio for S(h) >= ``speedup``, or None when not even h = 1 reaches it.

    h_s = [(a + d)(1 - 1/s) + m] / (d + m - c); h_s <= 1 exactly where d >= s c + (s - 1) a.
    """
    gain_ms = model.database_ms + model.miss_ms - model.hit_ms
    if model.limit < speedup * (1 - ROUNDING) or gain_ms <= 0:
        return None
    needed = (model.uncached_ms * (1 - 1 / speedup) + model.miss_ms) / gain_ms
    return min(1.0, max(0.0, needed))


def least_database_ms(model: CostModel, speedup: float) -> float:
    """Return the d below which no hit ratio gives ``speedup``: s c + (s - 1) a."""
    return speedup * model.hit_ms + (speedup - 1) * model.app_ms
