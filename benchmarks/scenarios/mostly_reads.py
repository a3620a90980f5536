"""19 reads to a write, a few users much more often than the others: YCSB's workload B.

Purpose: the usual web application. A write invalidates what its user's next read would have hit.
"""

from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import Zipf

SCENARIO = mix_scenario(
    "mostly-reads",
    "95 % GET /todo/ and 5 % PUT /todo/{id} of users with Zipf 0.99 popularity",
    Mix(Zipf(), reads=0.95),
)
