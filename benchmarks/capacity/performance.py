"""The results of ``make performance``: kept below ``reports/performance``, and told in a page.

``python -m benchmarks.capacity.performance RUNS`` takes the newest run of each part from the folder
RUNS, keeps its figures, fills the tables of ``docs/performance.md`` and ``docs/scale.md`` with
them, and prints every target with what was measured. A part that was not measured keeps what there
is of it; there is something of each.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.analysis.claims.verdict import within_bound
from benchmarks.analysis.model.observed import MS_PER_S
from benchmarks.analysis.model.sizing import CoreTime, entry_bytes_in_redis, size_for
from benchmarks.analysis.quantities.capacity import SweepPoint
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.capacity import soak
from benchmarks.capacity.redis_alone import SIZES_BYTES, RedisAlone
from benchmarks.report.capacity import (
    COST_HEADINGS,
    SweepResults,
    cost_rows,
    target_rows,
)
from benchmarks.report.figures import MISSING, amount, count, ms, ratio, two_decimals
from benchmarks.report.markdown import table_of
from benchmarks.report.measured import point_cells
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.terminal import print_page
from benchmarks.storage.plain import from_plain
from benchmarks.storage.run_folder import LATEST

KEPT = Path("reports/performance")
PAGES = (Path("docs/performance.md"), Path("docs/scale.md"))
REDIS_ALONE = "redis-alone.json"
SIZES = (0, 1, 20, 200, 1000)
SLOWER = 1.15
"""The largest ratio of a cached read's time to an uncached one's, at any size of the list."""
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
_PROCESSES: Mapping[str, str] = {"worker": "service", "Redis": "redis", "database": "database"}
_READS: Mapping[str, str] = {"cached": "hit", "uncached": "read"}
_LOADED = 8
_IN_WORDS: Mapping[str, str] = {
    "hit": "a hit",
    "miss": "a miss",
    "write": "a write",
    "read": "a read without a cache",
}
RATES = (1_000, 100_000, 1_000_000)
"""The rates of ``docs/scale.md``, per second."""
_HIT_RATIO, _WRITES, _RATE_OF_A_USER = 0.9, 0.05, 0.1
_ENTRIES_OF_A_USER = sum(entry_bytes_in_redis(each) for each in SIZES_BYTES.values())
_SIZED: Mapping[str, str] = {
    "workers_without": "workers without a cache",
    "workers": "**workers**, a core each",
    "redis_cores": "cores busy in Redis",
    "redis_nodes": "**Redis nodes**",
    "finds_without": "finds per second without a cache",
    "finds": "finds per second",
    "writes": "writes per second",
    "renewals": "lease renewals per second",
    "database_cores_without": "cores busy in the database without a cache",
    "database_cores": "**cores busy in the database**",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSweep(SweepResults):
    """The kept part of a sweep, and the name of its run."""

    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The kept results of each part."""

    sweeps: Mapping[str, KeptSweep]
    soaked: soak.Soaked
    redis_alone: Sequence[RedisAlone]

    def points(self, name: str) -> Sequence[SweepPoint]:
        """Return the figures of a sweep."""
        return self.sweeps[name].points


def keep(runs: Path, kept: Path) -> None:
    """Copy the figures of the newest runs; the steps stay in the runs' own folders."""
    kept.mkdir(parents=True, exist_ok=True)
    for name in SWEEPS:
        newest = runs / name / LATEST / "results.json"
        if newest.exists():
            results = json.loads(newest.read_text(encoding="utf-8"))
            del results["steps"]
            _write(kept / f"{name}.json", results | {"run": newest.parent.resolve().name})
    for name in (f"soak/{soak.FILE}", REDIS_ALONE):
        if (measured := runs / name).exists():
            _write(kept / measured.name, json.loads(measured.read_text(encoding="utf-8")))


def read(kept: Path) -> Kept:
    """Return what is kept of each part."""
    found = {
        path.name: json.loads(path.read_text(encoding="utf-8")) for path in kept.glob("*.json")
    }
    soaked, redis_alone = found.pop(soak.FILE), found.pop(REDIS_ALONE)
    return Kept(
        # An earlier version may have computed more.
        sweeps={
            name.removesuffix(".json"): from_plain(KeptSweep, each, name, lenient=True)
            for name, each in sorted(found.items())
        },
        soaked=soak.Soaked(**soaked),
        redis_alone=[from_plain(RedisAlone, each, REDIS_ALONE) for each in redis_alone],
    )


def filled(text: str, kept: Kept) -> str:
    """Return the text of the page with its tables made of what is kept."""
    tables: Mapping[str, Callable[[Kept], Table]] = {
        "targets": targets,
        "hits": _hits,
        "costs": _costs,
        "levers": _levers,
        "sizes": _sizes,
        "documents": _documents,
        "growth": _growth,
        "operations": _operations,
        "rates": _rates,
    }

    def made(place: re.Match[str]) -> str:
        name = place[2]
        table = _run(kept) if name == "run" else table_of(tables[name](kept))
        return f"{place[1]}{table}\n{place[3]}"

    return _PLACE.sub(made, text)


def targets(kept: Kept) -> Table:
    """Return every target: text, connections, what was measured, what follows."""
    speedups = [_alone(kept, f"size-{todos}")["cached"].speedup for todos in SIZES]
    least = min((each for each in speedups if each is not None), key=lambda each: each.centre)
    slowest = Interval(1 / least.centre, 1 / least.high, 1 / least.low)
    text = f"cached: at no size of a list slower than {SLOWER:g}x uncached"
    soaked = kept.soaked
    rows = [
        *target_rows(kept.sweeps["targets"].targets),
        [text, "1", ratio(slowest), within_bound(slowest, most=SLOWER)],
        [f"cached: {soak.TARGET}", "8", soaked.memory, soaked.decision],
    ]
    return Table(("target", "connections", "measured [90 %]", "verdict"), rows)


def _hits(kept: Kept) -> Table:
    headings = ("variant", "conn.", "requests/s", "p50 ms", "p99 ms", "to uncached", "of static")
    points = sorted(kept.points("targets"), key=lambda each: -each.connections)
    rows = [
        [*point_cells(each), ms(each.p99_ms), ratio(each.speedup), ratio(each.of_ceiling)]
        for each in points
    ]
    return Table(headings, rows)


def _costs(kept: Kept) -> Table:
    return Table((*COST_HEADINGS, "to uncached"), cost_rows(kept.sweeps["targets"].costs))


def _levers(kept: Kept) -> Table:
    by_place = {(each.variant, each.connections): each for each in kept.points("levers")}
    headings = ("variant", "what it is", "of static, 8 conn.", "p50 ms, 8", "p50 ms, 1")
    rows = [
        [
            name,
            variant.description,
            ratio(by_place[name, 8].of_ceiling),
            ms(by_place[name, 8].p50_ms),
            ms(by_place[name, 1].p50_ms),
        ]
        for variant in kept.sweeps["levers"].variants
        if (name := variant.name, 8) in by_place
    ]
    return Table(headings, rows)


def _sizes(kept: Kept) -> Table:
    of_reads = ("todos", "uncached p50 ms", "cached p50 ms", "hits", "times faster")
    rows = []
    for todos in SIZES:
        name = f"size-{todos}"
        alone = _alone(kept, name)
        cached = alone["cached"]
        rows.append(
            [
                count(todos),
                ms(alone["uncached"].p50_ms),
                ms(cached.p50_ms),
                f"{cached.hit_ratio:.2f}",
                ratio(cached.speedup),
                *_cost_cells(kept.sweeps[name], "cached"),
            ]
        )
    return Table((*of_reads, "miss", "write"), rows)


def _documents(kept: Kept) -> Table:
    headings = ("document", "variant", "hit p50 ms", "times faster", "miss", "write")
    rows = [
        [
            size,
            point.variant,
            ms(point.p50_ms),
            ratio(point.speedup),
            *_cost_cells(results, point.variant),
        ]
        for size in DOCUMENTS
        for results in [kept.sweeps[f"document-{size}"]]
        for point in results.points
    ]
    return Table(headings, rows)


def _cost_cells(results: SweepResults, variant: str) -> list[str]:
    """Return what a miss and a write take, as multiples of the uncached ones."""
    found = {
        each.asks: ratio(each.to_reference) for each in results.costs if each.variant == variant
    }
    return [found.get(asks, MISSING) for asks in ("miss", "write")]


def _growth(kept: Kept) -> Table:
    headings = ("service", "conn.", "requests/s", "p50 ms", "cores", "client cores")
    rows = [
        [*point_cells(each), two_decimals(each.service_cores), f"{each.client_cores:.2f}"]
        for each in kept.points("workers")
    ]
    for each in kept.redis_alone:
        cells = [str(each.connections), count(round(each.rate)), ms(each.p50_ms)]
        rows.append(["Redis alone", *cells, MISSING, MISSING])
    return Table(headings, rows)


def core_times(kept: Kept) -> Mapping[str, CoreTime]:
    """Return what requests take of a worker, of Redis and of the database, to two digits.

    Reads are those of eight connections, whose commands leave together as under load; misses and
    writes are measured over one. Without what is not measured: the processor time of a server that
    is not ours.
    """
    return {
        process: CoreTime(**{kind: _two_digits(ms) for kind, ms in times.items()})
        for process, server in _PROCESSES.items()
        if len(times := dict(_core_times(kept, server))) == len(_IN_WORDS)
    }


def _core_times(kept: Kept, server: str) -> Iterator[tuple[str, float]]:
    for point in kept.points("targets"):
        cores = getattr(point, f"{server}_cores")
        if point.connections == _LOADED and point.variant in _READS and cores is not None:
            yield _READS[point.variant], cores / point.rate * MS_PER_S
    for cost in kept.sweeps["targets"].costs:
        core_ms = cost.core_ms if server == "service" else getattr(cost, f"{server}_core_ms")
        if cost.variant == "cached" and cost.asks != "hit" and core_ms is not None:
            yield cost.asks, core_ms


def _two_digits(number: float) -> float:
    return float(f"{number:.2g}")


def _operations(kept: Kept) -> Table:
    times = core_times(kept)
    rows = [
        [words, *(f"{getattr(each, kind):g}" for each in times.values())]
        for kind, words in _IN_WORDS.items()
    ]
    return Table(("milliseconds of one core", *times), rows)


def _rates(_: Kept) -> Table:
    sizes = [
        size_for(
            rate,
            hit_ratio=_HIT_RATIO,
            writes=_WRITES,
            entries_bytes=rate / _RATE_OF_A_USER * _ENTRIES_OF_A_USER,
        )
        for rate in RATES
    ]
    headings = ("requests per second", *(count(rate) for rate in RATES))
    rows = [
        [words, *(amount(getattr(each, name)) for each in sizes)] for name, words in _SIZED.items()
    ]
    return Table(headings, rows)


def _alone(kept: Kept, name: str) -> dict[str, SweepPoint]:
    """Return the figures of a sweep over one connection by variant."""
    return {each.variant: each for each in kept.points(name) if each.connections == 1}


def _run(kept: Kept) -> str:
    measured = kept.sweeps["targets"]
    about = measured.environment
    servers = " and ".join(each.label for each in (about.database, about.redis) if each)
    return (
        f"Run `{measured.run}` of {about.date_utc}: {servers}, on {about.machine.cpu_count} CPUs."
    )


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main(runs: Path, *, root: Path = Path(), console: Console | None = None) -> int:
    """Keep, fill and print; return the exit code."""
    console = console or Console()
    keep(runs, root / KEPT)
    kept = read(root / KEPT)
    for page in (root / each for each in PAGES):
        page.write_text(filled(page.read_text(encoding="utf-8"), kept), encoding="utf-8")
    found = targets(kept)
    missed = [f"{row[0]} ({row[2]})" for row in found.rows if row[3] == "not held"]
    said = f"Not met: {'; '.join(missed)}." if missed else "No target is missed."
    print_page(Page("", [], [Section("Targets", [said], found)]), console)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
