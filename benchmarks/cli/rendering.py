"""Stored runs of every kind, rendered again."""

import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from benchmarks.coherence.race.report import DATA as RACE
from benchmarks.coherence.race.report import rendered_race
from benchmarks.micro.report import micro_report
from benchmarks.predict.hit_ratio.report import hit_ratio_files, read
from benchmarks.predict.hit_ratio.results import SCHEMA as HIT_RATIO
from benchmarks.report.capacity import SCHEMA as SWEEP
from benchmarks.report.capacity import sweep_files, sweep_from_json
from benchmarks.report.page import Page
from benchmarks.report.results import computing, reading, recompute, schema_in
from benchmarks.report.terminal import print_page
from benchmarks.report.write import report_files
from benchmarks.runner.ending import BROKEN, FINE, say_broken
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError

_WIDE = 132


def render_path(path: Path, *, json: bool = False) -> int:
    """Render the folder of a run again, or print a file of saved micro-benchmarks.

    With ``json`` standard output gets the file of the results alone. Returns 0, or 4 where the
    folder cannot be written. Raises ``UsageError`` when it holds neither.
    """
    if path.is_file():
        if schema_in(path) is not None:
            raise UsageError(f"{path} is a file of a run: give {path.parent}")
        # A narrow terminal wraps the lines; cells would be cut instead.
        console = Console(width=max(Console().width, _WIDE), stderr=json)
        micro_report(path, console)
        code = FINE
    else:
        code = render(path, console=Console(stderr=json))
    if json and code in {FINE, BROKEN}:
        sys.stdout.write(_results_file(path).read_text(encoding="utf-8"))
    return code


def _results_file(path: Path) -> Path:
    if path.is_file():
        return path
    race = path / RACE
    return race if race.exists() else Run(path).results_file


def render(run_dir: Path, *, console: Console | None = None) -> int:
    """Render a stored run of any kind again: same data, same bytes.

    Returns 0, or 4 where the folder cannot be written. Raises ``UsageError`` when it does not hold
    a run.
    """
    run = Run(run_dir)
    with reading(run_dir), computing(run):
        page, texts = _rendered(run)
    refused = ""
    try:
        run.write_all(texts)
    except OSError as error:
        refused = error.strerror or str(error)
    print_page(page, console or Console())
    if not refused:
        return FINE
    names = sorted({file.relative_to(run.path).parts[0] for file in texts})
    what = f"{run.path} cannot be written ({refused}). These files stay as they were"
    say_broken(f"{what}: {', '.join(names)}")
    return BROKEN


def _rendered(run: Run) -> tuple[Page, Mapping[Path, str]]:
    if (run.path / RACE).exists():
        return rendered_race(run.path)
    schema = schema_in(run.results_file)
    if schema == SWEEP:
        return sweep_files(run, sweep_from_json(run.results_file.read_text(encoding="utf-8")))
    if schema == HIT_RATIO:
        return hit_ratio_files(run, read(run.path))
    published, texts = report_files(run, recompute(run))
    return published.page, texts
