"""A cache that is farther away, and what each round trip to it costs."""

from dataclasses import dataclass, replace

from benchmarks.analysis.model.cost import CostModel


@dataclass(frozen=True, slots=True)
class Trips:
    """How many round trips to the cache a read that hits and a read that misses wait for."""

    hit: int
    miss: int


OURS = Trips(hit=1, miss=2)
"""A hit asks for all its keys at once. A miss looks, and asks for the right to fill; the filling
itself is not waited for."""


def farther(model: CostModel, redis_ms: float, trips: Trips = OURS) -> CostModel:
    """Return the model for a cache that takes so much longer for each round trip."""
    return replace(
        model,
        hit_ms=model.hit_ms + trips.hit * redis_ms,
        miss_ms=model.miss_ms + trips.miss * redis_ms,
    )
