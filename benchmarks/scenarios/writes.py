"""Changes of one todo: what invalidation, and being safe about it, costs a write.

Purpose: the price of the cache on the other side. A list that is read, but not recorded, before
each write makes sure that there is something to invalidate.
"""

from benchmarks.scenarios.actions import READS_AND_WRITES
from benchmarks.scenarios.base import Scenario, repeat

SCENARIO = Scenario(
    name="writes",
    purpose="five PUT /todo/{id} of one user, each after a read that is not counted",
    actions=READS_AND_WRITES,
    draw=repeat("complete", times=5, primed="request"),
    requests=5,
    primed="request",
    changes=frozenset({"complete"}),
)
