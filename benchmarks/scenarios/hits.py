"""Warm reads only: what a hit is worth, without the miss that pays for it.

Purpose: give the hit path a ratio with an interval of its own. A read that is not recorded fills
the cache before each session, so every recorded one is a hit.
"""

from benchmarks.scenarios.actions import READS
from benchmarks.scenarios.base import Scenario, repeat

SCENARIO = Scenario(
    name="hits",
    purpose="five GET /todo/ of one user, one after the other, after one that is not counted",
    actions=READS,
    draw=repeat("list", times=5, primed="session"),
    requests=5,
    primed="session",
)
