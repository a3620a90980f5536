"""Commands that read what was measured, or look at the machine."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.analysis.claims.verdict import MARGIN
from benchmarks.capacity.files import CapacityRun, report_capacity
from benchmarks.cli.shared import RunDir
from benchmarks.coherence.race.report import DATA as RACE
from benchmarks.coherence.race.report import report_race
from benchmarks.comparison import compare
from benchmarks.diff.run import diff as compare_runs
from benchmarks.doctor.run import SECONDS
from benchmarks.doctor.run import doctor as check_machine
from benchmarks.micro.report import micro_report
from benchmarks.predict.hit_ratio.report import report_hit_ratio
from benchmarks.predict.hit_ratio.results import SCHEMA as HIT_RATIO
from benchmarks.report.results import UNCOMPUTABLE
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError, sentence

_WIDE = 132


def report(
    path: Annotated[
        Path, typer.Argument(help="such as reports/latest, or .benchmarks/latest.json")
    ],
) -> None:
    """Render the report of a stored run again, or print saved micro-benchmarks; no servers."""
    if path.is_file():
        # A narrow terminal wraps the lines; cells would be cut instead.
        console = Console(width=max(Console().width, _WIDE))
        raise typer.Exit(micro_report(path, console))
    raise typer.Exit(render(path))


def diff(
    run_a: RunDir,
    run_b: RunDir,
    *,
    margin: Annotated[float, typer.Option(help="what counts as a change, 0.1 for 10 %")] = MARGIN,
    markdown: Annotated[Path | None, typer.Option(help="also write it here")] = None,
    fail_on_change: Annotated[bool, typer.Option(help="exit 1 when one became worse")] = False,
) -> None:
    """Say what changed between two stored runs: changed, unchanged or undecided."""
    code = compare_runs(
        run_a, run_b, margin=margin, markdown=markdown, fail_on_change=fail_on_change
    )
    raise typer.Exit(code)


def doctor(
    *,
    seconds: Annotated[float, typer.Option(help="how long to watch the machine")] = SECONDS,
    start: Annotated[bool, typer.Option(help="start the servers to see that they do")] = True,
) -> None:
    """Say which versions are installed, which servers would be used, and if it is quiet enough."""
    code = check_machine(environ=os.environ, seconds=seconds, start=start)
    raise typer.Exit(code)


def render(run_dir: Path, *, console: Console | None = None) -> int:
    """Render a stored run of any kind again: same data, same bytes.

    Returns 0. Raises ``UsageError`` when the folder does not hold a run.
    """
    try:
        return _render(run_dir, console)
    except UNCOMPUTABLE as error:
        raise UsageError(
            f"{run_dir} holds what no run writes ({type(error).__name__}: {sentence(error)})"
        ) from error


def _render(run_dir: Path, console: Console | None) -> int:
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
