"""What users do: one short declaration per file, found by name."""

from collections.abc import Mapping

from benchmarks.scenarios import (
    empty_lists,
    half_writes,
    hits,
    latest,
    mostly_reads,
    session,
    ttl_bound,
    uniform,
    unindexed,
    writes,
    zipf,
)
from benchmarks.scenarios.base import Scenario

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

__all__ = ["SCENARIOS", "Scenario"]
