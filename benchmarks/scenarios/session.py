"""The session of the starting document: one user opens the todo list five times.

Purpose: replay the claim "250 ms without Redis, 54 ms with Redis, 5x faster" as it was made. The
mix is reads only, strictly one after the other, and the first one meets an empty cache: that
first miss is part of the claim's own sum.
"""

from benchmarks.scenarios.actions import READS
from benchmarks.scenarios.base import Scenario, repeat

SCENARIO = Scenario(
    name="session",
    purpose="five GET /todo/ of one user, one after the other, from a cold cache",
    actions=READS,
    draw=repeat("list", times=5),
    requests=5,
)
