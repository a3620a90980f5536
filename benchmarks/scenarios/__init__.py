"""The scenarios, by name."""

from collections.abc import Mapping

from benchmarks.scenarios.base import USUAL, Scenario
from benchmarks.scenarios.mix import HOT_KEY, MIXES
from benchmarks.scenarios.sessions import HITS, SESSION, WRITES

SCENARIOS: Mapping[str, Scenario] = {one.name: one for one in (SESSION, HITS, WRITES, *MIXES)}

LOAD_SCENARIOS: Mapping[str, Scenario] = {
    **SCENARIOS,
    HOT_KEY.name: HOT_KEY,
}
"""Those of a comparison, and the one that only means something with many users at a time."""

LOADABLE = tuple(name for name, one in LOAD_SCENARIOS.items() if one.setting == USUAL)
"""Those of them that need nothing of the services or their data to be different."""

__all__ = ["LOADABLE", "LOAD_SCENARIOS", "SCENARIOS", "Scenario"]
