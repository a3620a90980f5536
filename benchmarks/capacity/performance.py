"""What ``make performance`` measured: kept below ``reports/performance``, and told in a page.

``python -m benchmarks.capacity.performance RUNS`` takes the newest run of each part from the folder
RUNS, keeps its figures, fills the tables of ``docs/performance.md`` with them, and prints every
target with what was measured. A part that was not measured keeps what there is of it.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.analysis.claims.verdict import within_bound
from benchmarks.analysis.quantities.capacity import SweepPoint
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.capacity import soak
from benchmarks.report.capacity import SweepResults, cost_rows, point_cells, target_rows
from benchmarks.report.figures import MISSING, count, ms, ratio, two_decimals
from benchmarks.report.markdown import table_of
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.terminal import print_page
from benchmarks.storage.plain import from_plain
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
_PLACE = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_TARGETS = ("target", "connections", "measured [90 %]", "verdict")
_NOT_YET = "Not measured yet: `make performance` does."


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSweep(SweepResults):
    """What is kept of a sweep, and the name of its run."""

    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of each part that was measured."""

    sweeps: Mapping[str, KeptSweep]
    soaked: soak.Soaked | None

    def points(self, name: str) -> Sequence[SweepPoint]:
        """Return the figures of a sweep, none where it was not measured."""
        return self.sweeps[name].points if name in self.sweeps else ()


def keep(runs: Path, kept: Path) -> None:
    """Copy the figures of the newest runs; the steps stay in the runs' own folders."""
    kept.mkdir(parents=True, exist_ok=True)
    for name in SWEEPS:
        newest = runs / name / LATEST / "results.json"
        if newest.exists():
            results = json.loads(newest.read_text(encoding="utf-8"))
            del results["steps"]
            _write(kept / f"{name}.json", results | {"run": newest.parent.resolve().name})
    if (soaked := runs / "soak" / soak.FILE).exists():
        _write(kept / soak.FILE, json.loads(soaked.read_text(encoding="utf-8")))


def read(kept: Path) -> Kept:
    """Return what is kept of each part."""
    found = {
        path.name: json.loads(path.read_text(encoding="utf-8")) for path in kept.glob("*.json")
    }
    soaked = found.pop(soak.FILE, None)
    return Kept(
        sweeps={
            name.removesuffix(".json"): from_plain(KeptSweep, each, name)
            for name, each in sorted(found.items())
        },
        soaked=soak.Soaked(**soaked) if soaked else None,
    )


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
    rows = target_rows(kept.sweeps["targets"].targets) if "targets" in kept.sweeps else []
    alone = [_alone(kept.points(f"size-{todos}")) for todos in SIZES]
    speedups = [each["cached"].speedup for each in alone if each]
    if known := [each for each in speedups if each is not None]:
        least = min(known, key=lambda each: each.centre)
        slowest = Interval(1 / least.centre, 1 / least.high, 1 / least.low)
        text = f"cached: at no size of a list slower than {SLOWER:g}x uncached (95 %)"
        rows.append([text, "1", ratio(slowest), within_bound(slowest, most=SLOWER)])
    if kept.soaked is not None:
        seen = kept.soaked
        rows.append([f"cached: {soak.TARGET}", "8", seen.memory, seen.decision])
    return rows


def _hits(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    headings = ("variant", "conn.", "requests/s", "p50 ms", "p99 ms", "to uncached", "of static")
    points = sorted(kept.points("targets"), key=lambda each: -each.connections)
    return headings, [
        [*point_cells(each), ms(each.p99_ms), ratio(each.speedup), ratio(each.of_ceiling)]
        for each in points
    ]


def _costs(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    headings = ("variant", "request", "mean ms", "core ms", "to uncached")
    measured = kept.sweeps.get("targets")
    return headings, cost_rows(measured.costs if measured else ())


def _levers(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    results = kept.sweeps.get("levers")
    by_place = {(each.variant, each.connections): each for each in kept.points("levers")}
    headings = ("variant", "what it is", "of static, 8 conn.", "p50 ms, 8", "p50 ms, 1")
    return headings, [
        [
            name,
            variant.description,
            ratio(by_place[name, 8].of_ceiling),
            ms(by_place[name, 8].p50_ms),
            ms(by_place[name, 1].p50_ms),
        ]
        for variant in (results.variants if results else ())
        if (name := variant.name, 8) in by_place
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
        results = kept.sweeps.get(f"size-{todos}")
        if results is not None:
            alone = _alone(results.points)
            cached = alone["cached"]
            rows.append(
                [
                    count(todos),
                    ms(alone["uncached"].p50_ms),
                    ms(cached.p50_ms),
                    f"{cached.hit_ratio:.2f}",
                    ratio(cached.speedup),
                    *_cost_cells(results, "cached"),
                ]
            )
    return headings, rows


def _documents(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    headings = ("document", "variant", "hit p50 ms", "times faster", "miss", "write")
    return headings, [
        [size, point.variant, ms(point.p50_ms), ratio(point.speedup), *costs]
        for size in DOCUMENTS
        if (results := kept.sweeps.get(f"document-{size}")) is not None
        for point in results.points
        for costs in [_cost_cells(results, point.variant)]
    ]


def _cost_cells(results: SweepResults, variant: str) -> list[str]:
    """Return what a miss and a write take, as multiples of the uncached ones."""
    found = {
        each.asks: ratio(each.to_reference) for each in results.costs if each.variant == variant
    }
    return [found.get(asks, MISSING) for asks in ("miss", "write")]


def _growth(kept: Kept) -> tuple[Sequence[str], list[list[str]]]:
    headings = ("service", "conn.", "requests/s", "p50 ms", "cores", "client cores")
    return headings, [
        [*point_cells(each), two_decimals(each.service_cores), f"{each.client_cores:.2f}"]
        for each in kept.points("workers")
    ]


def _alone(points: Iterable[SweepPoint]) -> dict[str, SweepPoint]:
    """Return the figures over one connection by variant."""
    return {each.variant: each for each in points if each.connections == 1}


def _run(kept: Kept) -> str:
    measured = kept.sweeps.get("targets")
    if measured is None:
        return _NOT_YET
    about = measured.environment
    servers = " and ".join(each.label for each in (about.database, about.redis) if each)
    return (
        f"Run `{measured.run}` of {about.date_utc}: {servers}, on {about.machine.cpu_count} CPUs."
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
