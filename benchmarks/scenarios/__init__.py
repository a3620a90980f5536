"""The scenarios, by name; those of one user who asks a few times, one request after the other."""

from collections.abc import Mapping

from benchmarks.scenarios.actions import READS, READS_AND_WRITES
from benchmarks.scenarios.base import USUAL, Scenario, repeat
from benchmarks.scenarios.mix import HOT_KEY, MIXES

SESSION = Scenario(
    name="session",
    purpose="five GET /todo/ of one user, one after the other, from a cold cache",
    actions=READS,
    draw=repeat("list", times=5),
    requests=5,
)
"""The tutorial's claim "250 ms without Redis, 54 ms with Redis, 5x faster" as it was made:
the first read meets an empty cache, and that miss is part of the claim's own sum."""

HITS = Scenario(
    name="hits",
    purpose="five GET /todo/ of one user, one after the other, after one that is not counted",
    actions=READS,
    draw=repeat("list", times=5, primed="session"),
    requests=5,
    primed="session",
)
"""Warm reads only: what a hit is worth, with an interval of its own, without the miss before it."""

WRITES = Scenario(
    name="writes",
    purpose="five PUT /todo/{id} of one user, each after a read that is not counted",
    actions=READS_AND_WRITES,
    draw=repeat("complete", times=5, primed="request"),
    requests=5,
    primed="request",
    changes=frozenset({"complete"}),
)
"""The cost of a safe invalidation for a write that has something to invalidate."""

SCENARIOS: Mapping[str, Scenario] = {one.name: one for one in (SESSION, HITS, WRITES, *MIXES)}

LOAD_SCENARIOS: Mapping[str, Scenario] = {**SCENARIOS, HOT_KEY.name: HOT_KEY}
"""Those of a comparison, and the one that only means something with many users at a time."""

LOADABLE = tuple(name for name, one in LOAD_SCENARIOS.items() if one.setting == USUAL)
"""Those of them that need nothing of the services or their data to be different."""

__all__ = ["LOADABLE", "LOAD_SCENARIOS", "SCENARIOS", "Scenario"]
