"""What users do: one short declaration per file, found by name."""

from collections.abc import Mapping

from benchmarks.scenarios import hits, session, writes
from benchmarks.scenarios.base import Scenario

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario for scenario in (session.SCENARIO, hits.SCENARIO, writes.SCENARIO)
}

__all__ = ["SCENARIOS", "Scenario"]
