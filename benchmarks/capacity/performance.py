"""What ``make performance`` measured: kept below ``reports/performance``, and told in a page.

``python -m benchmarks.capacity.performance RUNS`` takes the newest run of each part from the folder
RUNS, keeps its figures, fills the tables of ``docs/performance.md`` with them, and prints every
target with what was measured. A part that was not measured keeps what there is of it.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.analysis.claims.verdict import within_bound
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.capacity import soak
from benchmarks.report.capacity import cost_rows, ratio, target_rows
from benchmarks.report.figures import MISSING, count, ms, two_decimals
from benchmarks.report.markdown import table_of
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.results import Results
from benchmarks.report.terminal import print_page
from benchmarks.storage.run_folder import LATEST

KEPT = Path("reports/performance")
PAGE = Path("docs/performance.md")
SIZES = (0, 1, 20, 200, 1000)
SLOWER = 1.15
"""How many times as long as uncached a cached read may take, at any size of the list."""
DOCUMENTS = ("550B", "50kB")
"""Sizes of a list in the table that fastapi-redis-sdk publishes of itself."""
SWEEPS = (
    "targets",
    "levers",
    "workers",
    *(f"size-{todos}" for todos in SIZES),
    *(f"document-{size}" for size in DOCUMENTS),
)
Kept = Mapping[str, Results]
_PLACE = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_TARGETS = ("target", "connections", "measured [90 %]", "verdict")
_NOT_YET = "Not measured yet: `make performance` does."


def keep(runs: Path, kept: Path) -> None:
    """Copy the figures of the newest runs; the steps stay in the runs' own folders."""
    kept.mkdir(parents=True, exist_ok=True)
    for name in SWEEPS:
        newest = runs / name / LATEST / "results.json"
        if newest.exists():
            results = json.loads(newest.read_text(encoding="utf-8"))
            del results["steps"]
            results["run"] = newest.parent.resolve().name
            _write(kept / f"{name}.json", results)
    if (soaked := runs / "soak" / soak.FILE).exists():
        _write(kept / soak.FILE, json.loads(soaked.read_text(encoding="utf-8")))


def read(kept: Path) -> Kept:
    """Return what is kept of each part."""
    found = {path.stem: path for path in sorted(kept.glob("*.json"))}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in found.items()}


def filled(text: str, kept: Kept) -> str:
    """Return the text of the page with its tables made of what is kept."""
    tables = {
        "run": _run(kept),
        "targets": _markdown(_TARGETS, targets(kept)),
        "hits": _markdown(*_hits(kept)),
        "costs": _markdown(*_costs(kept)),
        "levers": _markdown(*_levers(kept)),
        "sizes": _markdown(*_sizes(kept)),
        "documents": _markdown(*_documents(kept)),
        "growth": _markdown(*_growth(kept)),
    }
    return _PLACE.sub(lambda found: f"{found[1]}{tables[found[2]]}\n{found[3]}", text)


def targets(kept: Kept) -> list[list[str]]:
    """Return every target: text, connections, what was measured, what follows."""
    rows = target_rows(kept["targets"]) if "targets" in kept else []
    speedups = [
        _point(kept[f"size-{todos}"], "cached")["speedup"]
        for todos in SIZES
        if f"size-{todos}" in kept
    ]
    if speedups:
        least = min(speedups, key=lambda each: float(each["centre"]))
        slowest = Interval(1 / least["centre"], 1 / least["high"], 1 / least["low"])
        text = f"cached: at no size of a list slower than {SLOWER:g}x uncached (95 %)"
        measured = {"centre": slowest.centre, "low": slowest.low, "high": slowest.high}
        rows.append([text, "1", ratio(measured), within_bound(slowest, most=SLOWER)])
    if "soak" in kept:
        seen = soak.Soaked(**kept["soak"])
        rows.append([f"cached: {soak.TARGET}", "8", seen.memory, seen.decision])
    return rows


def _hits(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    headings = ("variant", "conn.", "requests/s", "p50 ms", "p99 ms", "to uncached", "of static")
    results = kept.get("targets", {"points": []})
    points = sorted(results["points"], key=lambda each: -int(each["connections"]))
    return headings, [
        [
            each["variant"],
            str(each["connections"]),
            count(round(each["rate"])),
            ms(each["p50_ms"]),
            ms(each["p99_ms"]),
            ratio(each["speedup"]),
            ratio(each["of_ceiling"]),
        ]
        for each in points
    ]


def _costs(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    headings = ("variant", "request", "mean ms", "core ms", "to uncached")
    return headings, cost_rows(kept.get("targets", {"costs": []}))


def _levers(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    results = kept.get("levers", {"points": [], "variants": []})
    by_place = {(each["variant"], each["connections"]): each for each in results["points"]}
    headings = ("variant", "what it is", "of static, 8 conn.", "p50 ms, 8", "p50 ms, 1")
    return headings, [
        [
            name,
            variant["description"],
            ratio(by_place[name, 8]["of_ceiling"]),
            ms(by_place[name, 8]["p50_ms"]),
            ms(by_place[name, 1]["p50_ms"]),
        ]
        for variant in results["variants"]
        if (name := variant["name"], 8) in by_place
    ]


def _sizes(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    headings = (
        "todos",
        "uncached p50 ms",
        "cached p50 ms",
        "hits",
        "times faster",
        "miss",
        "write",
    )
    rows = []
    for todos in SIZES:
        results = kept.get(f"size-{todos}")
        if results is not None:
            cached = _point(results, "cached")
            rows.append(
                [
                    count(todos),
                    ms(_point(results, "uncached")["p50_ms"]),
                    ms(cached["p50_ms"]),
                    f"{cached['hit_ratio']:.2f}",
                    ratio(cached["speedup"]),
                    *_cost_cells(results, "cached"),
                ]
            )
    return headings, rows


def _documents(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    headings = ("document", "variant", "hit p50 ms", "times faster", "miss", "write")
    return headings, [
        [size, point["variant"], ms(point["p50_ms"]), ratio(point["speedup"]), *costs]
        for size in DOCUMENTS
        if (results := kept.get(f"document-{size}")) is not None
        for point in results["points"]
        for costs in [_cost_cells(results, point["variant"])]
    ]


def _cost_cells(results: Results, variant: str) -> list[str]:
    """Return what a miss and a write take, as multiples of the uncached ones."""
    found = {
        each["asks"]: ratio(each["to_reference"])
        for each in results["costs"]
        if each["variant"] == variant
    }
    return [found.get(asks, MISSING) for asks in ("miss", "write")]


def _growth(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    results = kept.get("workers", {"points": []})
    headings = ("service", "conn.", "requests/s", "p50 ms", "cores", "client cores")
    return headings, [
        [
            each["variant"],
            str(each["connections"]),
            count(round(each["rate"])),
            ms(each["p50_ms"]),
            two_decimals(each["service_cores"]),
            f"{each['client_cores']:.2f}",
        ]
        for each in results["points"]
    ]


def _point(results: Results, variant: str) -> Mapping[str, Any]:
    """Return the figures of a variant over one connection."""
    points: Sequence[Mapping[str, Any]] = results["points"]
    return next(each for each in points if (each["variant"], each["connections"]) == (variant, 1))


def _run(kept: Kept) -> str:
    if "targets" not in kept:
        return _NOT_YET
    metadata = kept["targets"]["environment"]
    servers = " and ".join(metadata[each]["label"] for each in ("database", "redis"))
    return (
        f"Run `{kept['targets']['run']}` of {metadata['date_utc']}: {servers}, on "
        f"{metadata['machine']['cpu_count']} CPUs."
    )


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return table_of(Table(headings, rows)) if rows else _NOT_YET


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main(runs: Path, *, root: Path = Path(), console: Console | None = None) -> int:
    """Keep, fill and print; return the exit code."""
    console = console or Console()
    keep(runs, root / KEPT)
    kept = read(root / KEPT)
    page = root / PAGE
    page.write_text(filled(page.read_text(encoding="utf-8"), kept), encoding="utf-8")
    rows = targets(kept)
    missed = [f"{row[0]} ({row[2]})" for row in rows if row[3] == "not held"]
    said = f"Not met: {'; '.join(missed)}." if missed else "No target is missed."
    print_page(Page("", [], [Section("Targets", [said], Table(_TARGETS, rows))]), console)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
