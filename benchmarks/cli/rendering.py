"""``fivefold report``: which kind of run a folder holds."""

import json
from pathlib import Path

from rich.console import Console

from benchmarks.capacity.files import CapacityRun
from benchmarks.capacity.publish import report_capacity
from benchmarks.coherence.race.files import DATA as RACE
from benchmarks.coherence.race.files import report_race
from benchmarks.comparison import compare
from benchmarks.predict.hit_ratio.files import report_hit_ratio
from benchmarks.predict.hit_ratio.results import SCHEMA as HIT_RATIO
from benchmarks.report.results import UNCOMPUTABLE
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError, sentence


def report(run_dir: Path, *, console: Console | None = None) -> int:
    """Render the stored run again: same data, same bytes.

    Returns 0. Raises ``UsageError`` when the folder does not hold a run.
    """
    try:
        return _report(run_dir, console)
    except UNCOMPUTABLE as error:
        raise UsageError(
            f"{run_dir} holds what no run writes ({type(error).__name__}: {sentence(error)})"
        ) from error


def _report(run_dir: Path, console: Console | None) -> int:
    if CapacityRun(run_dir).steps_file.exists():
        return report_capacity(run_dir, console=console)
    if (run_dir / RACE).exists():
        return report_race(run_dir, console=console)
    if _schema(Run(run_dir).results_file) == HIT_RATIO:
        return report_hit_ratio(run_dir, console=console)
    return compare.report(run_dir, console=console)


def _schema(results_file: Path) -> object:
    try:
        results = json.loads(results_file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        # A comparison says what is wrong with its file.
        return None
    return results.get("schema") if isinstance(results, dict) else None
