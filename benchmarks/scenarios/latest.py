"""Who wrote last is read most: YCSB's workload D.

Purpose: the hard case for invalidation. Reads go where something has just been written, so a list
that is served too long would be seen at once.
"""

from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import Latest

SCENARIO = mix_scenario(
    "latest",
    "95 % GET /todo/ of those who wrote last, Zipf 0.99, and 5 % PUT /todo/{id} of anybody",
    Mix(Latest(), reads=0.95),
)
