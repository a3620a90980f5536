"""Where a notebook's numbers come from: a run on disk."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.report.results import Results, ResultsUnreadable, read_results
from benchmarks.storage.records import Sample
from benchmarks.storage.run_folder import Run
from benchmarks.storage.samples import SamplesUnreadable
from benchmarks.storage.usage import UsageError

ROOT = Path(__file__).parents[2]
"""The checkout: notebooks find their data from here, wherever they are started."""
PUBLISHED = ROOT / "reports" / "published"
"""What is committed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A run that was measured before: its folder and its results."""

    path: Path
    results: Results

    def samples(self) -> list[Sample]:
        """Return every request of the run; raises ``SamplesUnreadable``."""
        return Run(self.path).samples()


def newest(folder: Path, kind: str) -> Path:
    """Return the newest run of a kind below a folder; raises ``UsageError`` without any.

    The names of runs begin with their date, so that the last name is the newest run.
    """
    found = sorted(path for path in folder.glob(f"*-{kind}-*") if path.is_dir())
    if not found:
        there = ", ".join(sorted(path.name for path in folder.glob("*-*-*"))) or "none"
        raise UsageError(f"{folder} holds no run of kind {kind}; there: {there}")
    return found[-1]


def stored(path: Path | str) -> Stored:
    """Read the run in a folder, relative to the checkout; raises ``UsageError`` without one."""
    folder = (ROOT / path).resolve()
    try:
        return _read(folder)
    except (OSError, ResultsUnreadable, SamplesUnreadable) as error:
        raise UsageError(
            f"{folder} is not the folder of a comparison, such as reports/latest: {error}"
        ) from error


def published(kind: str = "full") -> Stored:
    """Return the newest committed run of a kind, full or quick; raises ``UsageError``."""
    return stored(newest(PUBLISHED, kind))


@cache
def _read(folder: Path) -> Stored:
    return Stored(folder, read_results(Run(folder)))
