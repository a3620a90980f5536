"""The folder of a load sweep: its steps, every latency, results, report and figure."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.report.capacity import SweepHeader, assemble_sweep, sweep_from_json, sweep_page
from benchmarks.report.page import Published
from benchmarks.report.results import ResultsUnreadable, computing
from benchmarks.report.write import page_files
from benchmarks.runner.ending import rewrite
from benchmarks.storage.plain import to_json
from benchmarks.storage.records import SweepStep
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError

STEP_COLUMNS = tuple(field.name for field in fields(SweepStep))
LATENCY_COLUMNS = ("place", "latency_us", "requests")


class StepsUnreadable(Exception):
    """The file of steps is missing or of another shape; the message names it."""


@dataclass(frozen=True, slots=True)
class CapacityRun(Run):
    """One load sweep on disk."""

    @property
    def steps_file(self) -> Path:
        """Return where the steps are, one a line."""
        return self.path / "steps.csv"

    @property
    def latencies_file(self) -> Path:
        """Return where the latencies are: of each step, how many requests took so long."""
        return self.path / "latencies.csv.gz"

    def append_step(self, step: SweepStep, latencies_us: Iterable[int]) -> None:
        """Add a step to what is saved; with its first one a run becomes the latest."""
        first = not self.steps_file.exists()
        counted = sorted(Counter(latencies_us).items())
        rows = _text([(step.place, *entry) for entry in counted], LATENCY_COLUMNS if first else ())
        with self.latencies_file.open("ab", buffering=0) as file:
            file.write(gzip.compress(rows.encode(), mtime=0))
        line = _text(
            [["" if value is None else value for value in astuple(step)]],
            STEP_COLUMNS if first else (),
        )
        with self.steps_file.open("a", encoding="utf-8", newline="") as file:
            file.write(line)
        if first:
            self._point_latest()

    def steps(self) -> list[SweepStep]:
        """Return all steps in the order they were taken; raises ``StepsUnreadable``."""
        try:
            with self.steps_file.open(encoding="utf-8", newline="") as file:
                return list(_parse(csv.DictReader(file)))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StepsUnreadable(f"{self.steps_file} cannot be read as steps: {error}") from error


def publish(run: CapacityRun, header: SweepHeader) -> Published:
    """Compute everything from the folder's steps and write it into the folder."""
    published, texts = _files(run, header)
    run.write_all(texts)
    return published


def _files(run: CapacityRun, header: SweepHeader) -> tuple[Published, Mapping[Path, str]]:
    # Drawing is slow to import, and no other command draws.
    from benchmarks.report.capacity_figure import make  # noqa: PLC0415

    results = assemble_sweep(header, run.steps())
    page = sweep_page(results)
    files = page_files(run, page, [make(results)])
    published = Published(page, check_failed=bool(failed_checks(results.checks)))
    return published, {run.results_file: to_json(results), **files}


def report_capacity(run_dir: Path, *, console: Console | None = None) -> int:
    """Compute and render a stored load sweep again: same data, same bytes.

    Returns 0, or 4 where the folder cannot be written. Raises ``UsageError`` when it does not hold
    one.
    """
    run = CapacityRun(run_dir)
    try:
        with computing(run):
            header = sweep_from_json(run.results_file.read_text(encoding="utf-8"))
            published, texts = _files(run, header)
    except (OSError, ResultsUnreadable, StepsUnreadable) as error:
        raise UsageError(f"{run_dir} is not the folder of a sweep: {error}") from error
    return rewrite(run, published.page, texts, console or Console())


def _text(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if columns:
        writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _parse(rows: "csv.DictReader[str]") -> Iterator[SweepStep]:
    if tuple(rows.fieldnames or ()) != STEP_COLUMNS:
        raise ValueError(f"columns are {rows.fieldnames}")
    for row in rows:
        yield SweepStep(
            round=int(row["round"]),
            place=int(row["place"]),
            variant=row["variant"],
            connections=int(row["connections"]),
            seconds=float(row["seconds"]),
            requests=int(row["requests"]),
            hits=int(row["hits"]),
            errors=int(row["errors"]),
            p50_us=float(row["p50_us"]),
            p99_us=float(row["p99_us"]),
            service_cores=_cores(row["service_cores"]),
            client_cores=float(row["client_cores"]),
            asks=row["asks"],
            redis_cores=_cores(row["redis_cores"]),
            database_cores=_cores(row["database_cores"]),
        )


def _cores(text: str) -> float | None:
    return float(text) if text else None
