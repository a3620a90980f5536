"""Reads only, everybody alike: what a cache without favorites brings from cold.

Purpose: the least that a cache can hope for. Each user's first read misses, so the hit ratio of a
short block is mostly operations per user.
"""

from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import UNIFORM

SCENARIO = mix_scenario(
    "uniform",
    "GET /todo/ of users who are all alike; from cold, so the operations per user bound the hits",
    Mix(UNIFORM),
)
