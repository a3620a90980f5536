"""Where the notebook's points come from: the committed measurement or, live, one made now."""

from pathlib import Path

from benchmarks.export.results import Results
from benchmarks.hit_ratio.files import PROFILE, read
from benchmarks.notebook.measuring import OUT, Command, folder_of

_SHORT = ("--measure", "--users=60", "--rate=0.6", "--seconds=4")
"""Enough to see every curve; the intervals are wide."""


def measured(out: Path = OUT, *, command: Command | None = None) -> Results:
    """Return the newest published results or, with ``FIVEFOLD_LIVE=1``, those of a run made now.

    Raises as ``folder_of`` does.
    """
    return read(folder_of(PROFILE, "hit-ratio", *_SHORT, out=out, command=command))
