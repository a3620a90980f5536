"""A filled cache in its steady state: from which hit ratio or database latency on it pays.

METHOD 2.2: with the hit ratio h a read costs a + d without a cache and a + h c + (1 - h)(d + m)
with one. n reads from a cold cache are the case h = (n - 1) / n.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.analysis.model.cost import ROUNDING, CostModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One of several keys that a request needs; milliseconds as in ``CostModel``."""

    hit_ratio: float
    hit_ms: float
    database_ms: float
    miss_ms: float

    @property
    def mean_ms(self) -> float:
        """Return h c + (1 - h)(d + m)."""
        missed_ms = self.database_ms + self.miss_ms
        return self.hit_ratio * self.hit_ms + (1 - self.hit_ratio) * missed_ms


def mean_read_ms(model: CostModel, hit_ratio: float) -> float:
    """Return the mean time of a read with a cache: a + h c + (1 - h)(d + m)."""
    return lookups_ms(
        model.app_ms,
        [
            Lookup(
                hit_ratio=hit_ratio,
                hit_ms=model.hit_ms,
                database_ms=model.database_ms,
                miss_ms=model.miss_ms,
            )
        ],
    )


def lookups_ms(app_ms: float, lookups: Iterable[Lookup]) -> float:
    """Return the mean time of a read that looks up several keys, one after the other.

    Exact whatever the keys' hits have to do with each other, since means add up (METHOD 2.2).
    """
    return app_ms + sum(lookup.mean_ms for lookup in lookups)


def speedup_at(model: CostModel, hit_ratio: float) -> float:
    """Return S(h), the ratio of the mean read times; infinite when reads cost nothing."""
    cached_ms = mean_read_ms(model, hit_ratio)
    return model.uncached_ms / cached_ms if cached_ms > 0 else math.inf


def break_even_hit_ratio(model: CostModel) -> float | None:
    """Return the hit ratio from which on reads gain, h* = m / (d + m - c).

    None when not even a read that hits is faster (d <= c).
    """
    if model.database_ms <= model.hit_ms:
        return None
    # A miss that costs nothing on top, or less, leaves nothing to make up for.
    return max(0.0, model.miss_ms / (model.database_ms + model.miss_ms - model.hit_ms))


def break_even_database_ms(model: CostModel, hit_ratio: float) -> float:
    """Return the d above which reads gain, d* = c + m (1 - h) / h; infinite for h = 0.

    Raises ``ValueError`` for a hit ratio outside 0 to 1.
    """
    _check_share(hit_ratio)
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


def _check_share(value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"a share is 0 to 1, not {value}")
