"""How far away a cache may be until it loses."""

from benchmarks.analysis.model.cost import OURS, CostModel, Trips

TUTORIAL = Trips(hit=3, miss=5)
"""The starting document's code asks for the token, the account and the list one after the other,
and a miss stores the account and the list before it answers."""


def farthest_ms(model: CostModel, hit_ratio: float, trips: Trips = OURS) -> float:
    """Return by how much a round trip may be longer until reads gain nothing; negative: they lose.

    a + h (c + k x) + (1 - h)(d + m + l x) = a + d with k trips of a hit and l of a miss gives
    x = [h (d - c) - (1 - h) m] / [h k + (1 - h) l].
    """
    gain_ms = hit_ratio * (model.database_ms - model.hit_ms) - (1 - hit_ratio) * model.miss_ms
    return gain_ms / (hit_ratio * trips.hit + (1 - hit_ratio) * trips.miss)
