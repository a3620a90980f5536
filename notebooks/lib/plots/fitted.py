"""The fitted model of a run, as figures that foresee something take it."""

from dataclasses import dataclass, replace
from typing import Self

from benchmarks.analysis.model.cost import CostModel
from benchmarks.report.page import Entry
from benchmarks.report.plots.rows import first_model
from benchmarks.report.results import Results


@dataclass(frozen=True, slots=True)
class Fitted:
    """The first model of a run, of the variant that it is of."""

    entry: Entry
    model: CostModel

    @classmethod
    def of(cls, results: Results) -> Self | None:
        """Return it, None for a run without any."""
        found = first_model(results)
        return None if found is None else cls(*found)

    @property
    def variant(self) -> str:
        """Return the name of the variant that caches."""
        return str(self.entry["variant"])

    @property
    def scenario(self) -> str:
        """Return the scenario that it was fitted to."""
        return str(self.entry["fit"]["source"]["scenario"])

    @property
    def regime(self) -> str:
        """Return the regime that it was fitted to."""
        return str(self.entry["fit"]["source"]["regime"])

    def at(self, wait_ms: float) -> CostModel:
        """Return the model for a database that an uncached read waits so long for."""
        return replace(self.model, database_ms=self.entry["fit"]["work_ms"] + wait_ms)
