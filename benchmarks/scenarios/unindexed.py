"""The reads of ``zipf`` on a collection without its index, as in the starting document.

Purpose: tell a slow database from a missing index. Where ``zipf`` without a cache, and with the
index, is faster than this one with a cache, an index is what is needed.
"""

from benchmarks.scenarios.base import Setting
from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import Zipf

SCENARIO = mix_scenario(
    "unindexed",
    "GET /todo/ of users with Zipf 0.99 popularity, each find scans all todos",
    Mix(Zipf()),
    setting=Setting(indexed=False),
)
