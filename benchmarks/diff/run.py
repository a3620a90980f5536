"""``fivefold diff``: compare two stored runs, print the page, say by the exit code what it says."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from benchmarks.analysis.claims.claim import MARGIN
from benchmarks.analysis.stats.intervals import from_log
from benchmarks.diff.changes import Diff, DiffRow, diff_runs
from benchmarks.diff.page import diff_page
from benchmarks.diff.runs import read_run
from benchmarks.report.page import Page
from benchmarks.report.results import UNCOMPUTABLE
from benchmarks.report.terminal import print_json, print_page
from benchmarks.runner.ending import FINE, INCONCLUSIVE, say
from benchmarks.storage.usage import UsageError, kind_and_sentence

CHANGED = 1
_MOST = 10.0


def diff(
    run_a: Path,
    run_b: Path,
    *,
    margin: float = MARGIN,
    fail_on_change: bool = False,
    json: bool = False,
    console: Console | None = None,
) -> int:
    """Say whether the speedups of two runs differ by more than a factor 1 + ``margin``.

    With ``json`` standard output gets each case with its change and its verdict. Returns 3 when a
    run is not complete or a check failed in it, else 1 when a speedup became worse and
    ``fail_on_change``, else 0. Raises ``UsageError`` for folders that hold no comparison, the same
    run twice, and a margin outside of 0 to 10.
    """
    if not 0 <= margin <= _MOST:
        raise UsageError(f"--margin is {margin:g}; it takes 0 to {_MOST:g}, 0.1 for 10 %")
    if run_a.resolve() == run_b.resolve():
        raise UsageError(f"{run_a} and {run_b} are the same run; name two")
    found, page = _compared(run_a, run_b, margin)
    console = console or Console(stderr=json)
    print_page(page, console)
    if json:
        print_json({"objections": found.objections, "cases": [_plain(row) for row in found.rows]})
    return _conclude(found, console, fail_on_change=fail_on_change)


def _compared(run_a: Path, run_b: Path, margin: float) -> tuple[Diff, Page]:
    stored = read_run(run_a), read_run(run_b)
    try:
        found = diff_runs(*stored, margin=margin)
        return found, diff_page(found)
    except UNCOMPUTABLE as error:
        raise UsageError(
            f"{run_a} and {run_b} cannot be compared: one of them holds what no run writes "
            f"({kind_and_sentence(error)})"
        ) from error


def _plain(row: DiffRow) -> Mapping[str, object]:
    """Return a case with B / A of its speedup and the interval of that."""
    change = None if row.change is None else from_log(row.change.interval())
    return {"case": row.case, "verdict": row.verdict, "speedup": change}


def _conclude(found: Diff, console: Console, *, fail_on_change: bool) -> int:
    if found.objections:
        what = "\nInconclusive: a check failed, or a run did not end. Measure that run again."
        say(console, what, style="red")
        return INCONCLUSIVE
    return CHANGED if fail_on_change and found.worse else FINE
