"""What users do: one short declaration per file, found by name."""

from collections.abc import Mapping

from benchmarks.scenarios import session
from benchmarks.scenarios.base import Scenario

SCENARIOS: Mapping[str, Scenario] = {scenario.name: scenario for scenario in (session.SCENARIO,)}

__all__ = ["SCENARIOS", "Scenario"]
