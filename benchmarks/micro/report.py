"""The table of saved micro-benchmarks: ``fivefold report FILE.json``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import numpy as np
from pydantic import BaseModel, Field, ValidationError
from rich.console import Console

from benchmarks.report.figures import MISSING, significant
from benchmarks.report.page import Page, Section, Table
from benchmarks.report.terminal import print_page
from benchmarks.storage.usage import UsageError

Summary = Literal["hit", "miss", "write", "user", "list", "limiter"]
"""The lines at the end of the table, in their order."""
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
REFERENCE = "uncached"
_HEADINGS = ("variant", "outcome", "p50 us", "p95 us", "p99 us", "times faster", "name")
_LEGEND = (
    "Times are microseconds per operation; times faster: median of the reference / median.",
    "Rows were measured one after the other: for a verdict use fivefold compare.",
)


class Stats(BaseModel):
    """The times of one benchmark: one per round, in seconds per operation."""

    data: Annotated[tuple[Seconds, ...], Field(min_length=1)]


class BenchmarkMetadata(BaseModel):
    """What a benchmark of ours says of itself."""

    variant: str = "-"
    outcome: str = "-"
    summary: Summary | None = None
    mongo: str | None = None
    redis: str | None = None
    caveats: tuple[str, ...] = ()


class SavedBenchmark(BaseModel):
    """One benchmark."""

    name: str
    group: str | None = None
    stats: Stats
    extra_info: BenchmarkMetadata = BenchmarkMetadata()

    @property
    def median_s(self) -> float:
        """Return the median of the rounds."""
        return float(np.median(self.stats.data))

    def percentile_s(self, percent: int) -> float | None:
        """Return a percentile of the rounds; None where it would be the maximum."""
        if len(self.stats.data) * (100 - percent) < 100:  # noqa: PLR2004 - one value in a hundred
            return None
        return float(np.percentile(self.stats.data, percent))


class SavedRun(BaseModel):
    """Everything that one run of pytest-benchmark saved."""

    datetime: str
    machine_info: dict[str, Any] = {}
    benchmarks: Annotated[tuple[SavedBenchmark, ...], Field(min_length=1)]


def micro_report(path: Path, console: Console) -> None:
    """Print the table of a file that pytest-benchmark saved.

    Raises ``UsageError`` for a file that is missing, empty, something else, or without raw data.
    """
    print_page(_page(path, _load(path)), console)


def _load(path: Path) -> SavedRun:
    try:
        return SavedRun.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        [first, *_] = error.errors(include_input=False, include_url=False)
        place = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise UsageError(
            f"{path} is not a file that pytest-benchmark saved with raw data (--benchmark-json or "
            f"--benchmark-save-data): {place}: {first['msg']}."
        ) from error


def _page(path: Path, run: SavedRun) -> Page:
    """Return a table for each group, in the order of measuring, and the lines of the summary."""
    groups: dict[str, list[SavedBenchmark]] = {}
    for measured in run.benchmarks:
        groups.setdefault(measured.group or "without a group", []).append(measured)
    sections: list[Section] = []
    lines: dict[Summary | None, list[str]] = {}
    for name, members in groups.items():
        reference = next((one for one in members if one.extra_info.variant == REFERENCE), None)
        rows = [[*_cells(measured, reference)] for measured in members]
        sections.append(Section(name, table=Table(_HEADINGS, rows)))
        if reference is not None:
            lines |= {
                one.extra_info.summary: [
                    _us(reference.median_s),
                    _us(one.median_s),
                    _ratio(reference, one),
                ]
                for one in members
            }
    sections.append(Section("What the columns are", _LEGEND))
    found = [[name, *lines[name]] for name in get_args(Summary) if name in lines]
    if found:
        table = Table(("median us of a", "uncached", "cached", "times faster"), found)
        sections.append(Section("Cached beside uncached", table=table))
    return Page("fivefold: micro-benchmarks", [*_headline(path, run)], sections)


def _headline(path: Path, run: SavedRun) -> Iterator[str]:
    python = run.machine_info.get("python_version", "unknown version")
    yield f"{path}: {len(run.benchmarks)} benchmarks of {run.datetime[:19]} UTC, Python {python}"
    metadata = [measured.extra_info for measured in run.benchmarks]
    servers = dict.fromkeys(name for each in metadata for name in (each.mongo, each.redis) if name)
    if servers:
        yield "Servers: " + ", ".join(servers)
    yield from dict.fromkeys(f"Note: {caveat}" for each in metadata for caveat in each.caveats)


def _cells(measured: SavedBenchmark, reference: SavedBenchmark | None) -> Iterator[str]:
    yield measured.extra_info.variant
    yield measured.extra_info.outcome
    yield _us(measured.median_s)
    yield _us(measured.percentile_s(95))
    yield _us(measured.percentile_s(99))
    yield "reference" if measured is reference else _ratio(reference, measured)
    yield measured.name.removeprefix("test_")


def _ratio(reference: SavedBenchmark | None, measured: SavedBenchmark) -> str:
    """Return median(reference) / median(measured); a dash without both."""
    if reference is None or not measured.median_s:
        return MISSING
    return significant(reference.median_s / measured.median_s)


def _us(seconds: float | None) -> str:
    return MISSING if seconds is None else significant(seconds * 1e6)
