"""The hit ratio: points, the committed ones or, live, some measured now, and their pictures."""

from pathlib import Path

from benchmarks.advise.amounts import lifetime, percent
from benchmarks.export.plots import hit_ratio as over_time
from benchmarks.export.results import Results
from benchmarks.hit_ratio import agreement, figures, view
from benchmarks.hit_ratio.files import PROFILE, read
from benchmarks.hit_ratio.results import WITHIN
from notebooks.lib.measuring import OUT, Command, folder_of

__all__ = [
    "WITHIN",
    "agreement",
    "figures",
    "lifetime",
    "measured",
    "over_time",
    "percent",
    "view",
]

_SHORT = ("--measure", "--users=60", "--rate=0.6", "--seconds=4")
"""Enough to see every curve; the intervals are wide."""


def measured(out: Path = OUT, *, command: Command | None = None) -> Results:
    """Return the newest published results or, with ``FIVEFOLD_LIVE=1``, those of a run made now.

    Raises as ``folder_of`` does.
    """
    return read(folder_of(PROFILE, "hit-ratio", *_SHORT, out=out, command=command))
