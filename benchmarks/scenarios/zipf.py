"""Reads only, a few users much more often than the others: YCSB's workload C.

Purpose: what popularity alone does for the hit ratio, beside ``uniform``.
"""

from benchmarks.scenarios.mix import Mix, mix_scenario
from benchmarks.scenarios.popularity import Zipf

SCENARIO = mix_scenario("zipf", "GET /todo/ of users with Zipf 0.99 popularity", Mix(Zipf()))
