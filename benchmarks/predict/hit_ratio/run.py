"""``fivefold hit-ratio``: foresee, or measure as well, print and write."""

from collections.abc import Mapping

from rich.console import Console

from benchmarks.predict.hit_ratio.files import write_files
from benchmarks.predict.hit_ratio.job import HitRatioJob
from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.predict.hit_ratio.results import assemble
from benchmarks.predict.hit_ratio.view import page
from benchmarks.report.terminal import print_page
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.environment import collect
from benchmarks.runner.job import FINE, carry_out, say
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError

FORESEEN = "foreseen"
"""In the names of folders in which nothing is measured."""


def hit_ratio(
    question: HitRatioQuestion, environ: Mapping[str, str], *, tools: Dependencies | None = None
) -> int:
    """Print the hit ratio that a workload must have and, if asked, what it has.

    Without ``measure`` a folder is written only where the question names one for it. Returns 0,
    with ``measure`` also 3 when headers and service counted differently or another check failed,
    and 4 when something broke. Raises ``UsageError``.
    """
    tools = tools or Dependencies()
    if question.measure:
        return carry_out(HitRatioJob(question, tools), environ, tools.console)
    return _foresee(question, tools, tools.console)


def _foresee(question: HitRatioQuestion, tools: Dependencies, console: Console) -> int:
    now = tools.now()
    header = {"state": "complete", "reason": "", "environment": collect(None, now=now)}
    results = assemble(question, [], header)
    print_page(page(results), console)
    if question.out is not None:
        try:
            run = Run.create(question.out, FORESEEN, now)
            write_files(run, results)
        except OSError as error:
            raise UsageError(f"--out {question.out} cannot be written to: {error}") from error
        say(console, f"\nThe curves and their numbers are in {run.path}")
    return FINE
