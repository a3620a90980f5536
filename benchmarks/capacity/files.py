"""The folder of a load sweep: results with every step, and report."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.report.capacity import SweepResults, sweep_from_json, sweep_page
from benchmarks.report.page import Published
from benchmarks.report.results import ResultsUnreadable, computing
from benchmarks.report.write import page_files
from benchmarks.runner.ending import rewrite
from benchmarks.storage.plain import to_json
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError


def publish(run: Run, results: SweepResults) -> Published:
    """Write the results and everything that follows from them; raises ``OSError``."""
    published, texts = _files(run, results)
    run.write_all(texts)
    run.point_latest()
    return published


def _files(run: Run, results: SweepResults) -> tuple[Published, Mapping[Path, str]]:
    page = sweep_page(results)
    files = page_files(run, page)
    published = Published(page, check_failed=bool(failed_checks(results.checks)))
    return published, {run.results_file: to_json(results), **files}


def report_capacity(run_dir: Path, *, console: Console | None = None) -> int:
    """Compute and render a stored load sweep again: same data, same bytes.

    Returns 0, or 4 where the folder cannot be written. Raises ``UsageError`` when it does not hold
    one.
    """
    run = Run(run_dir)
    try:
        with computing(run):
            results = sweep_from_json(run.results_file.read_text(encoding="utf-8"))
            published, texts = _files(run, results)
    except (OSError, ResultsUnreadable) as error:
        raise UsageError(f"{run_dir} is not the folder of a sweep: {error}") from error
    return rewrite(run, published.page, texts, console or Console())
