"""As many writes as reads, a few users much more often than the others: YCSB's workload A.

Purpose: where a cache should not pay. At most half of the reads can hit, and every write pays for
its invalidation.
"""

from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import Zipf

SCENARIO = mix_scenario(
    "half-writes",
    "50 % GET /todo/ and 50 % PUT /todo/{id} of users with Zipf 0.99 popularity",
    Mix(Zipf(), reads=0.5),
)
