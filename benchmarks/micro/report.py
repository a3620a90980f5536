"""The table of saved micro-benchmarks: ``fivefold report FILE.json``."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from rich.console import Console

from benchmarks.micro.saved import (
    BenchmarkGroup,
    BenchmarkRow,
    SavedRun,
    Summary,
    UnreadableRun,
    grouped,
    load_run,
)
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.terminal import print_page
from benchmarks.storage.usage import UsageError

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))
_HEADINGS = ("variant", "outcome", "p50", "p95", "p99", "ops/s", "times faster", "rounds", "name")
_LEGEND = (
    "Times are per operation.",
    "Where a round holds many operations (rounds 800x32), p95 and p99 hide single slow ones.",
    "times faster: median of the reference / median, with the 95 % bootstrap interval of this run.",
    "Rows were measured one after the other: for a verdict use fivefold compare.",
)


def micro_report(path: Path, console: Console) -> None:
    """Print the table of a file that pytest-benchmark saved.

    Raises ``UsageError`` for a file that is missing, empty, something else, or without raw data.
    """
    try:
        run = load_run(path)
    except UnreadableRun as error:
        raise UsageError(str(error)) from error
    print_page(page(path, run), console)


def page(path: Path, run: SavedRun) -> Page:
    """Return the tables of what was saved there."""
    groups = grouped(run.benchmarks)
    sections = [
        *(_section(group) for group in groups),
        Section("What the columns are", _LEGEND),
        *_summary(groups, _box_plots(path)),
    ]
    return Page("fivefold: micro-benchmarks", list(_headline(path, run)), sections)


def _headline(path: Path, run: SavedRun) -> Iterator[str]:
    python = run.machine_info.get("python_version", "unknown version")
    yield f"{path}: {len(run.benchmarks)} benchmarks of {run.datetime[:19]} UTC, Python {python}"
    metadata = [measured.metadata for measured in run.benchmarks]
    servers = dict.fromkeys(name for each in metadata for name in (each.mongo, each.redis) if name)
    if servers:
        yield "Servers: " + ", ".join(servers)
    trips = {
        each.redis_delay_ms: each.redis_round_trip_ms
        for each in metadata
        if each.redis_delay_ms is not None and each.redis_round_trip_ms is not None
    }
    if trips:
        measured = (f"+{delay:g} ms: {digits(trip)} ms" for delay, trip in sorted(trips.items()))
        yield "Measured round trips to Redis: " + ", ".join(measured)
    yield from dict.fromkeys(f"Note: {caveat}" for each in metadata for caveat in each.caveats)


def _section(group: BenchmarkGroup) -> Section:
    payloads = {row.measured.metadata.payload_bytes for row in group.rows} - {None}
    payload = f" ({payloads.pop()} bytes)" if len(payloads) == 1 else ""
    rows = [list(_cells(row)) for row in group.rows]
    return Section(group.name + payload, table=Table(_HEADINGS, rows))


def _box_plots(path: Path) -> list[str]:
    """Name the plots that pytest-benchmark drew under the name of this file, as ``make bench``."""
    plots = path.with_suffix("").name + "-*.svg"
    return [f"Box plots, one for each group: {path.parent / plots}"] * any(path.parent.glob(plots))


def _summary(groups: Sequence[BenchmarkGroup], sentences: Sequence[str]) -> Iterator[Section]:
    """Set what the run is mostly read for beside its references: a line each."""
    lines = {
        row.measured.metadata.summary: [duration(reference.p50_s), duration(row.p50_s), _ratio(row)]
        for group in groups
        for reference in group.rows
        for row in group.rows
        if reference.is_reference and row.measured.metadata.summary
    }
    rows = [[name, *lines[name]] for name in get_args(Summary) if name in lines]
    if rows or sentences:
        table = Table(("median of a", "uncached", "cached", "times faster"), rows) if rows else None
        yield Section("Cached beside uncached", sentences, table)


def _cells(row: BenchmarkRow) -> Iterator[str]:
    measured = row.measured
    yield measured.metadata.variant
    yield measured.metadata.outcome
    yield duration(row.p50_s)
    yield duration(row.p95_s)
    yield duration(row.p99_s)
    yield f"{row.operations_per_s:,.0f}" if row.operations_per_s else "-"
    yield "reference" if row.is_reference else _ratio(row)
    per_round = measured.operations_per_round
    rounds = len(measured.times_s)
    yield f"{rounds}x{per_round}" if per_round > 1 else str(rounds)
    yield measured.name.removeprefix("test_")


def _ratio(row: BenchmarkRow) -> str:
    ratio = row.ratio
    if ratio is None:
        return "-"
    return f"{digits(ratio.centre)} [{digits(ratio.low)}, {digits(ratio.high)}]"


def duration(seconds: float | None) -> str:
    """Return a time with three significant digits, in the unit that suits it."""
    if seconds is None:
        return "-"
    scale, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    return f"{digits(seconds / scale)} {unit}"


def digits(value: float) -> str:
    """Return a number with three significant digits, never in scientific notation."""
    if not value:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"
