"""Everybody reads one list that now and then changes.

Purpose: a stampede. After each write all concurrent readers miss at once; a cache without stampede
control asks the database as often as there are readers.
"""

from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import Hottest

SCENARIO = mix_scenario(
    "hot-key", "99 % GET /todo/ and 1 % PUT /todo/{id}, all of one user", Mix(Hottest(), reads=0.99)
)
