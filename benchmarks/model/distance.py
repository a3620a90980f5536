"""A cache that is farther away: what each round trip to it costs, and from where on it loses."""

from dataclasses import dataclass, replace

from benchmarks.model.cost import CostModel


@dataclass(frozen=True, slots=True)
class Trips:
    """How many round trips to the cache a read that hits and a read that misses wait for."""

    hit: int
    miss: int


OURS = Trips(hit=1, miss=2)
"""A hit asks for all its keys at once. A miss looks, and asks for the right to fill; the filling
itself is not waited for."""
TUTORIAL = Trips(hit=3, miss=5)
"""The starting document's code asks for the token, the account and the list one after the other,
and a miss stores the account and the list before it answers."""


def farther(model: CostModel, redis_ms: float, trips: Trips = OURS) -> CostModel:
    """Return the model for a cache that takes so much longer for each round trip."""
    return replace(
        model,
        hit_ms=model.hit_ms + trips.hit * redis_ms,
        miss_ms=model.miss_ms + trips.miss * redis_ms,
    )


def farthest_ms(model: CostModel, hit_ratio: float, trips: Trips = OURS) -> float:
    """Return by how much a round trip may be longer until reads gain nothing; negative: they lose.

    a + h (c + k x) + (1 - h)(d + m + l x) = a + d with k trips of a hit and l of a miss gives
    x = [h (d - c) - (1 - h) m] / [h k + (1 - h) l].
    """
    gain_ms = hit_ratio * (model.database_ms - model.hit_ms) - (1 - hit_ratio) * model.miss_ms
    return gain_ms / (hit_ratio * trips.hit + (1 - hit_ratio) * trips.miss)
