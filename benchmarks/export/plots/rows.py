"""What figures take out of the results of a run."""

from collections.abc import Iterable, Sequence

from benchmarks.export.page import Entry
from benchmarks.export.results import Results

_SESSION = "session"


def claimed(results: Results, series: str) -> list[Entry]:
    """Return a series' rows in the regimes that claims are judged in."""
    roles = {entry["name"]: entry["role"] for entry in results["regimes"]}
    return [
        row for row in results.get("series", {}).get(series, ()) if roles[row["regime"]] == "claim"
    ]


def of_session(rows: Sequence[Entry]) -> list[Entry]:
    """Return the rows of the session that claims are about; without it, of what comes first."""
    scenarios = scenarios_of(rows)
    chosen = _SESSION if _SESSION in scenarios else next(iter(scenarios), None)
    return [row for row in rows if row["scenario"] == chosen]


def of_services(results: Results, rows: Iterable[Entry]) -> list[Entry]:
    """Leave out ceilings, which ask neither a database nor a cache."""
    ceilings = {entry["name"] for entry in results["variants"] if entry["kind"] == "ceiling"}
    return [row for row in rows if row["variant"] not in ceilings]


def caching(results: Results) -> set[str]:
    """Return the variants that have a cache, as far as this project knows them."""
    return {entry["name"] for entry in results["variants"] if entry["caches"]}


def judged_claims(results: Results) -> dict[str, Entry]:
    """Return the claims of the starting document that this run was judged by."""
    judged = {verdict["claim"] for verdict in results["verdicts"]}
    claims = results["arithmetic"]["claims"]
    return {name: claim for name, claim in claims.items() if name in judged}


def claimed_ratios(results: Results) -> list[float]:
    """Return how many times as fast the starting document says that sessions are."""
    return sorted(
        claim["value"]
        for claim in judged_claims(results).values()
        if claim.get("statistic", "total") == "total"
    )


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
