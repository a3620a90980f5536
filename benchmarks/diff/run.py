"""``fivefold diff``: compare two stored runs, print the page, say by the exit code what it says."""

from pathlib import Path

from rich.console import Console

from benchmarks.diff.changes import diff_runs, read_run
from benchmarks.diff.page import diff_page
from benchmarks.report.results import UNCOMPUTABLE
from benchmarks.report.terminal import print_json, print_page
from benchmarks.runner.ending import FINE, INCONCLUSIVE, say
from benchmarks.storage.usage import UsageError, kind_and_sentence

CHANGED = 1


def diff(
    run_a: Path,
    run_b: Path,
    *,
    fail_on_change: bool = False,
    json: bool = False,
    console: Console | None = None,
) -> int:
    """Say whether the speedups of two runs differ by more than the margin of all verdicts.

    With ``json`` standard output gets each case with its change and its verdict. Returns 3 when a
    run is not complete or a check failed in it, else 1 when a speedup became worse and
    ``fail_on_change``, else 0. Raises ``UsageError`` for folders that hold no comparison, and the
    same run twice.
    """
    if run_a.resolve() == run_b.resolve():
        raise UsageError(f"{run_a} and {run_b} are the same run; name two")
    stored = read_run(run_a), read_run(run_b)
    try:
        found = diff_runs(*stored)
        page = diff_page(found)
    except UNCOMPUTABLE as error:
        raise UsageError(
            f"{run_a} and {run_b} cannot be compared: one of them holds what no run writes "
            f"({kind_and_sentence(error)})"
        ) from error
    console = console or Console(stderr=json)
    print_page(page, console)
    if json:
        cases = [
            {"case": row.case, "verdict": row.verdict, "speedup": row.change} for row in found.rows
        ]
        print_json({"objections": found.objections, "cases": cases})
    if found.objections:
        what = "\nInconclusive: a check failed, or a run did not end. Measure that run again."
        say(console, what, style="red")
        return INCONCLUSIVE
    return CHANGED if fail_on_change and found.worse else FINE
