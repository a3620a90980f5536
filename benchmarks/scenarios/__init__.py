"""What users do: one short declaration per file, found by name."""

from collections.abc import Mapping

from benchmarks.scenarios import (
    empty_lists,
    half_writes,
    hits,
    hot_key,
    latest,
    limit_burst,
    mostly_reads,
    session,
    sign_in,
    ttl_bound,
    uniform,
    unindexed,
    writes,
    zipf,
)
from benchmarks.scenarios.base import USUAL, Scenario

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        session.SCENARIO,
        hits.SCENARIO,
        writes.SCENARIO,
        uniform.SCENARIO,
        zipf.SCENARIO,
        mostly_reads.SCENARIO,
        half_writes.SCENARIO,
        latest.SCENARIO,
        empty_lists.SCENARIO,
        ttl_bound.SCENARIO,
        unindexed.SCENARIO,
    )
}

LOAD_SCENARIOS: Mapping[str, Scenario] = {
    **SCENARIOS,
    **{
        scenario.name: scenario
        for scenario in (hot_key.SCENARIO, sign_in.SCENARIO, limit_burst.SCENARIO)
    },
}
"""Those of a comparison, and those that only mean something with many users at a time."""

LOADABLE = tuple(name for name, one in LOAD_SCENARIOS.items() if one.setting == USUAL)
"""Those of them that need nothing of the services or their data to be different."""

__all__ = ["LOADABLE", "LOAD_SCENARIOS", "SCENARIOS", "Scenario"]
