"""The table of saved micro-benchmarks: ``fivefold report FILE.json``."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from rich.console import Console

from benchmarks.micro.saved import (
    SavedBenchmark,
    SavedRun,
    Summary,
    grouped,
    load_run,
    reference_of,
    times_faster,
)
from benchmarks.report.figures import MISSING, count, significant
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.terminal import print_page

_HEADINGS = (
    "variant", "outcome", "p50 us", "p95 us", "p99 us", "ops/s", "times faster", "rounds", "name"
)  # fmt: skip
_LEGEND = (
    "Times are microseconds per operation; a round of several (800x32) is their mean.",
    "times faster: median of the reference / median.",
    "Rows were measured one after the other: for a verdict use fivefold compare.",
)


def micro_report(path: Path, console: Console) -> None:
    """Print the table of a file that pytest-benchmark saved.

    Raises ``UsageError`` for a file that is missing, empty, something else, or without raw data.
    """
    print_page(page(path, load_run(path)), console)


def page(path: Path, run: SavedRun) -> Page:
    """Return the tables of what was saved there."""
    groups = grouped(run.benchmarks)
    sections = [
        *(_section(name, members) for name, members in groups.items()),
        Section("What the columns are", _LEGEND),
        *_summary([*groups.values()]),
    ]
    return Page("fivefold: micro-benchmarks", list(_headline(path, run)), sections)


def _headline(path: Path, run: SavedRun) -> Iterator[str]:
    python = run.machine_info.get("python_version", "unknown version")
    yield f"{path}: {len(run.benchmarks)} benchmarks of {run.datetime[:19]} UTC, Python {python}"
    metadata = [measured.metadata for measured in run.benchmarks]
    servers = dict.fromkeys(name for each in metadata for name in (each.mongo, each.redis) if name)
    if servers:
        yield "Servers: " + ", ".join(servers)
    yield from dict.fromkeys(f"Note: {caveat}" for each in metadata for caveat in each.caveats)


def _section(name: str, members: Sequence[SavedBenchmark]) -> Section:
    reference = reference_of(members)
    rows = [[*_cells(measured, reference)] for measured in members]
    return Section(name, table=Table(_HEADINGS, rows))


def _summary(groups: Sequence[Sequence[SavedBenchmark]]) -> Iterator[Section]:
    """Set what the run is mostly read for beside its references: a line each."""
    lines = {
        measured.metadata.summary: [
            _us(reference.median_s),
            _us(measured.median_s),
            _ratio(reference, measured),
        ]
        for members in groups
        if (reference := reference_of(members)) is not None
        for measured in members
        if measured.metadata.summary
    }
    rows = [[name, *lines[name]] for name in get_args(Summary) if name in lines]
    if rows:
        table = Table(("median us of a", "uncached", "cached", "times faster"), rows)
        yield Section("Cached beside uncached", table=table)


def _cells(measured: SavedBenchmark, reference: SavedBenchmark | None) -> Iterator[str]:
    yield measured.metadata.variant
    yield measured.metadata.outcome
    yield _us(measured.median_s)
    yield _us(measured.percentile_s(95))
    yield _us(measured.percentile_s(99))
    rate = measured.operations_per_s
    yield count(round(rate)) if rate else MISSING
    yield "reference" if measured is reference else _ratio(reference, measured)
    per_round = measured.stats.iterations
    rounds = len(measured.times_s)
    yield f"{rounds}x{per_round}" if per_round > 1 else str(rounds)
    yield measured.name.removeprefix("test_")


def _ratio(reference: SavedBenchmark | None, measured: SavedBenchmark) -> str:
    ratio = times_faster(reference, measured)
    return MISSING if ratio is None else significant(ratio)


def _us(seconds: float | None) -> str:
    return MISSING if seconds is None else significant(seconds * 1e6)
