"""``fivefold compare``: what is saved, printed and returned."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from benchmarks.comparison.comparison import Comparison
from benchmarks.report.results import ResultsUnreadable, assemble, from_json
from benchmarks.report.terminal import print_page
from benchmarks.report.write import write_report
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.job import FINE, carry_out
from benchmarks.runner.options import CompareOptions
from benchmarks.storage.run_folder import Run
from benchmarks.storage.samples import SamplesUnreadable
from benchmarks.storage.usage import UsageError


def compare(
    options: CompareOptions, environ: Mapping[str, str], *, tools: Dependencies | None = None
) -> int:
    """Measure the variants, write the run's folder and print its tables.

    Returns 0, 1 when a claim that was asked about does not hold, 3 when a check failed, or 4 when
    something broke or the run was interrupted. What
    was measured until then is saved in every case. Servers named in ``environ`` are used, others
    are started; nothing is left running. Raises ``UsageError`` for a named server that does not
    answer or must not be used.
    """
    tools = tools or Dependencies()
    return carry_out(Comparison(options, tools), environ, tools.console)


def report(run_dir: Path, *, console: Console | None = None) -> int:
    """Compute the results of a stored run again and render its report: same data, same bytes.

    Returns 0. Raises ``UsageError`` when the folder does not hold a run.
    """
    run = Run(run_dir)
    try:
        header = from_json(run.results_file.read_text(encoding="utf-8"))
        published = write_report(run, assemble(header, run.samples()))
    except (OSError, ResultsUnreadable, SamplesUnreadable) as error:
        raise UsageError(
            f"{run_dir} is not the folder of a run, such as reports/latest: {error}"
        ) from error
    print_page(published.page, console or Console())
    return FINE
