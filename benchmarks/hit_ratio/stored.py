"""Where the notebook's points come from: the committed measurement or, live, one made now."""

from pathlib import Path

from benchmarks.export.results import Results
from benchmarks.hit_ratio.files import PROFILE, read
from benchmarks.notebook.measuring import Command, fivefold, live
from benchmarks.notebook.stored import ROOT, newest
from benchmarks.stack.errors import StackError

_PUBLISHED = ROOT / "reports" / "published"
_OUT = ROOT / "reports" / "notebooks" / "runs"
_NOTHING_MEASURED = (2, 4)
"""The exit codes of the command for a wrong option and for something that broke."""
_SHORT = ("--measure", "--users=60", "--rate=0.6", "--seconds=4")
"""Enough to see every curve; the intervals are wide."""


def measured(out: Path = _OUT, *, command: Command = fivefold) -> Results:
    """Return the newest published results or, with ``FIVEFOLD_LIVE=1``, those of a run made now.

    Raises ``UsageError`` where none are published, ``StackError`` with what the command said when
    it could not measure.
    """
    if not live():
        return read(newest(_PUBLISHED, PROFILE))
    code, said = command(["hit-ratio", *_SHORT, f"--out={out}"])
    if code in _NOTHING_MEASURED:
        raise StackError(said)
    return read(newest(out, PROFILE))
