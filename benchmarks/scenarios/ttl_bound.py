"""Reads only, of lists that expire within the block: the TTL bounds the hit ratio.

Purpose: with the usual five minutes nothing ever expires in a run. The hit ratio depends on reads
per TTL only, so time is compressed: a second, and operations on a schedule. A block should last
several seconds. The database has to keep up with the rate, or the block takes longer.
"""

from benchmarks.scenarios.base import Setting
from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import Zipf

SCENARIO = mix_scenario(
    "ttl-bound",
    "100 GET /todo/ per second of users with Zipf 0.99 popularity, lists expire after a second",
    Mix(Zipf()),
    rate=100.0,
    setting=Setting(env=(("TODOS_TTL_SECONDS", "1"),)),
)
