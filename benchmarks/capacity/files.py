"""The folder of a load sweep: results with every step, and report."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.report.capacity import SweepResults, sweep_from_json, sweep_page
from benchmarks.report.page import Page, Published
from benchmarks.report.write import page_files
from benchmarks.storage.plain import to_json
from benchmarks.storage.run_folder import Run


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


def rendered_sweep(run: Run) -> tuple[Page, Mapping[Path, str]]:
    """Compute a stored load sweep again; return its page and its files: same data, same bytes.

    Raises ``ResultsUnreadable`` and ``OSError``.
    """
    results = sweep_from_json(run.results_file.read_text(encoding="utf-8"))
    published, texts = _files(run, results)
    return published.page, texts
