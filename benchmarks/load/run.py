"""``fivefold load``: what is saved, printed and returned."""

from collections.abc import Mapping

from benchmarks.load.job import LoadJob, LoadTools
from benchmarks.load.options import LoadOptions
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.job import carry_out


def load(
    options: LoadOptions, environ: Mapping[str, str], *, tools: LoadTools | None = None
) -> int:
    """Put both variants under load with Locust, write the run's folder and print its tables.

    Returns what ``compare`` does: 3 for a run that a failed request, a failed Redis or noise made
    void, 4 when Locust or a service broke or the run was interrupted. Raises ``UsageError`` for a
    named server that does not answer.
    """
    tools = tools or LoadTools(tools=Dependencies())
    return carry_out(LoadJob(options, tools), environ, tools.tools.console)
