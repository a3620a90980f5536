"""What figures take out of the series of a run."""

from collections.abc import Iterable, Sequence

from benchmarks.export.page import Entry
from benchmarks.export.results import Results


def claimed(results: Results, series: str, scenario: str | None = None) -> list[Entry]:
    """Return a series' rows in the regimes that claims are judged in, of one scenario or all."""
    roles = {entry["name"]: entry["role"] for entry in results["regimes"]}
    return [
        row
        for row in results.get("series", {}).get(series, ())
        if roles[row["regime"]] == "claim" and scenario in {None, row["scenario"]}
    ]


def scenarios_of(rows: Iterable[Entry]) -> list[str]:
    """Return the scenarios in their order, each once."""
    return list(dict.fromkeys(row["scenario"] for row in rows))


def regimes_of(rows: Iterable[Entry]) -> list[str]:
    """Return the regimes in their order, each once."""
    return list(dict.fromkeys(row["regime"] for row in rows))


def variants_of(rows: Iterable[Entry]) -> list[str]:
    """Return the variants in their order, each once."""
    return list(dict.fromkeys(row["variant"] for row in rows))


def cells(row: Entry, names: Sequence[str]) -> list[str]:
    """Return some values of a row as text; a number keeps its digits, what is missing is empty."""
    return [cell(row[name]) for name in names]


def cell(value: object) -> str:
    """Return a value as text; a number keeps its digits, what is missing is empty."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
