"""Where the notebook's race comes from: the committed recording or, live, one made now."""

from pathlib import Path

from benchmarks.job import BROKEN
from benchmarks.notebook.measuring import fivefold, live
from benchmarks.notebook.stored import ROOT, newest
from benchmarks.race.files import KIND, read
from benchmarks.race.recording import Race
from benchmarks.stack.errors import StackError

_PUBLISHED = ROOT / "reports" / "published"
_OUT = ROOT / "reports" / "notebooks" / "runs"


def recorded(out: Path = _OUT) -> Race:
    """Return the newest published race or, with ``FIVEFOLD_LIVE=1``, one that is played now.

    Raises ``UsageError`` where none is published, ``StackError`` with what the command said when
    it could not play.
    """
    if not live():
        return read(newest(_PUBLISHED, KIND))
    code, said = fivefold(["race", f"--out={out}"])
    if code == BROKEN:
        raise StackError(said)
    return read(newest(out, KIND))
