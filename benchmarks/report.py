"""``fivefold report``: which kind of run a folder holds."""

from pathlib import Path

from rich.console import Console

from benchmarks import compare
from benchmarks.capacity.files import LadderRun
from benchmarks.capacity.publish import report_ladder


def report(run_dir: Path, *, console: Console | None = None) -> int:
    """Render the stored run again: same data, same bytes.

    Returns 0. Raises ``UsageError`` when the folder does not hold a run.
    """
    if LadderRun(run_dir).steps_file.exists():
        return report_ladder(run_dir, console=console)
    return compare.report(run_dir, console=console)
