"""The folder of a load sweep: its steps, every latency, results, report and figure."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from benchmarks.storage.records import SweepStep
from benchmarks.storage.run_folder import Run

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

    @property
    def figure_file(self) -> Path:
        """Return where the figure is."""
        return self.path / "figures" / "capacity.svg"

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
            service_cores=float(row["service_cores"]) if row["service_cores"] else None,
            client_cores=float(row["client_cores"]),
        )
