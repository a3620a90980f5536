"""Write what a load sweep has: results, report, figure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.capacity.files import CapacityRun, StepsUnreadable
from benchmarks.report.capacity import FIGURE, assemble_sweep, caption, sweep_from_json, sweep_page
from benchmarks.report.markdown import to_markdown
from benchmarks.report.page import Published
from benchmarks.report.results import ResultsUnreadable, computing, to_json
from benchmarks.report.terminal import print_page
from benchmarks.runner.job import FINE
from benchmarks.storage.usage import UsageError


def publish(run: CapacityRun, header: Mapping[str, Any]) -> Published:
    """Compute everything from the folder's steps and write it into the folder."""
    # Drawing is slow to import, and no other command draws.
    from benchmarks.report.capacity_figure import capacity_svg  # noqa: PLC0415

    results = assemble_sweep(header, run.steps())
    page = sweep_page(results)
    figure = f"![{caption(results)}]({FIGURE})\n\n*{caption(results)}*\n"
    run.write_all(
        {
            run.figure_file: capacity_svg(results),
            run.results_file: to_json(results),
            run.report_file: f"{to_markdown(page)}\n## Figure\n\n{figure}",
        }
    )
    return Published(page, check_failed=bool(failed_checks(results)))


def report_capacity(run_dir: Path, *, console: Console | None = None) -> int:
    """Compute and render a stored load sweep again: same data, same bytes.

    Returns 0. Raises ``UsageError`` when the folder does not hold one.
    """
    run = CapacityRun(run_dir)
    try:
        with computing(run):
            header = sweep_from_json(run.results_file.read_text(encoding="utf-8"))
            published = publish(run, header)
    except (OSError, ResultsUnreadable, StepsUnreadable) as error:
        raise UsageError(f"{run_dir} is not the folder of a ladder: {error}") from error
    print_page(published.page, console or Console())
    return FINE
