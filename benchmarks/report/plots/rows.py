"""The rows of a run's results that figures draw, and their values as cells."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from benchmarks.analysis.claims.claim import CLAIMS, SESSION
from benchmarks.analysis.quantities.series import SeriesRow
from benchmarks.report.computed import Results

_Row = TypeVar("_Row", bound=SeriesRow)


def claimed(results: Results, rows: Iterable[_Row]) -> list[_Row]:
    """Return the rows in the regimes that claims are judged in."""
    roles = results.roles
    return [row for row in rows if roles[row.regime] == "claim"]


def of_session(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows of the session that claims are about; without it, of what comes first."""
    scenarios = unique(row.scenario for row in rows)
    chosen = SESSION if SESSION in scenarios else next(iter(scenarios), None)
    return [row for row in rows if row.scenario == chosen]


def claimed_ratios(results: Results) -> list[float]:
    """Return how many times as fast the tutorial says that sessions are, where that was judged."""
    judged = {verdict.claim for verdict in results.verdicts}
    return sorted(
        claim.value
        for name, claim in CLAIMS.items()
        if name in judged and claim.statistic == "total"
    )


def unique(names: Iterable[str]) -> list[str]:
    """Return names in their order, each once."""
    return list(dict.fromkeys(names))


def cells(row: object, names: Sequence[str]) -> list[str]:
    """Return some values of a row as text."""
    return [cell(getattr(row, name)) for name in names]


def cell(value: object) -> str:
    """Return a value as text; a number keeps its digits, what is missing is empty."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
