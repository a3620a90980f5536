"""``fivefold compare`` and ``fivefold report``: what is saved, printed and returned."""

from collections.abc import Mapping
from pathlib import Path

from pymongo.errors import PyMongoError
from redis.exceptions import RedisError
from rich.console import Console

from benchmarks.arms import ArmError
from benchmarks.comparison import Comparison
from benchmarks.export.markdown import to_markdown
from benchmarks.export.results import (
    Results,
    ResultsUnreadable,
    assemble,
    failed_guards,
    from_json,
    to_json,
)
from benchmarks.export.terminal import print_report
from benchmarks.measure.client import ClientError
from benchmarks.measure.samples import SamplesUnreadable
from benchmarks.options import CompareOptions, UsageError
from benchmarks.runs import Run
from benchmarks.stack.errors import StackError
from benchmarks.stack.signals import terminate_as_interrupt
from benchmarks.tools import Tools

FINE, INCONCLUSIVE, BROKEN = 0, 3, 4
_BREAKS = (StackError, ArmError, ClientError, PyMongoError, RedisError, OSError)


def compare(
    options: CompareOptions, environ: Mapping[str, str], *, tools: Tools | None = None
) -> int:
    """Measure the variants, write the run's folder and print its tables.

    Returns 0, 3 when a check failed, or 4 when something broke or the run was interrupted. What
    was measured until then is saved in every case. Servers named in ``environ`` are used, others
    are started; nothing is left running. Raises ``UsageError`` for a named server that does not
    answer or must not be used.
    """
    tools = tools or Tools()
    comparison = Comparison(options, tools)
    try:
        with terminate_as_interrupt():
            comparison.run(environ)
        comparison.end("complete")
    except KeyboardInterrupt:
        comparison.end("interrupted", "it was stopped before its end")
    except UsageError:
        comparison.discard()
        raise
    except _BREAKS as error:
        comparison.end("broken", _sentence(error))
    return _conclude(comparison, tools.console)


def report(run_dir: Path, *, console: Console | None = None) -> int:
    """Compute the results of a stored run again and render its report: same data, same bytes.

    Returns 0. Raises ``UsageError`` when the folder does not hold a run.
    """
    run = Run(run_dir)
    try:
        header = from_json(run.results_file.read_text(encoding="utf-8"))
        results = _save(run, header)
    except (OSError, ResultsUnreadable, SamplesUnreadable) as error:
        raise UsageError(
            f"{run_dir} is not the folder of a run, such as reports/latest: {error}"
        ) from error
    print_report(results, console or Console())
    return FINE


def _conclude(comparison: Comparison, console: Console) -> int:
    """Save and print what there is, then say in one sentence how it ended."""
    header, run = comparison.header, comparison.folder
    if run is None or not run.samples_file.exists():
        _say(console, f"Nothing was measured: {comparison.reason}.", style="red")
        if run is not None:
            _say(console, f"The logs are in {run.logs}")
        return BROKEN
    results = _save(run, header)
    print_report(results, console)
    _say(console, f"\nReport, raw samples and logs are in {run.path}")
    if comparison.state != "complete":
        what = f"The run is {comparison.state}: {comparison.reason}. What was measured is saved."
        _say(console, what, style="red")
        return BROKEN
    if failed_guards(results):
        _say(console, "Inconclusive: do what the failed checks say, then run again.", style="red")
        return INCONCLUSIVE
    return FINE


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()).removesuffix(".") or type(error).__name__


def _save(run: Run, header: Mapping[str, object]) -> Results:
    results = assemble(header, run.samples())
    run.write(run.results_file, to_json(results))
    run.write(run.report_file, to_markdown(results))
    return results


def _say(console: Console, text: str, *, style: str = "") -> None:
    # Paths and addresses may hold brackets, and must stay in one piece to be copied.
    console.print(text, markup=False, highlight=False, soft_wrap=True, style=style)
