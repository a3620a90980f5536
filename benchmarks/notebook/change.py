"""What ``fivefold diff`` says, as a page to show in parts."""

from pathlib import Path

from benchmarks.analysis.verdict import MARGIN
from benchmarks.diff.judge import diff_runs
from benchmarks.diff.stored import read_run
from benchmarks.diff.view import diff_page
from benchmarks.export.page import Page
from benchmarks.notebook.stored import ROOT


def change(earlier: Path | str, later: Path | str) -> Page:
    """Return the page of two runs, or of one and itself, with the usual margin.

    Paths are relative to the checkout. Raises ``UsageError`` for folders that cannot be compared.
    """
    after = read_run((ROOT / later).resolve())
    same = (ROOT / earlier).resolve() == (ROOT / later).resolve()
    before = after if same else read_run((ROOT / earlier).resolve())
    return diff_page(diff_runs(before, after, margin=MARGIN))
