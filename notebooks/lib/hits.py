"""The hit ratio: points, the committed ones or, live, some measured now, and their pictures."""

from pathlib import Path

from benchmarks.predict.hit_ratio import figures, report
from benchmarks.predict.hit_ratio.report import PROFILE, read
from benchmarks.predict.hit_ratio.results import WITHIN, HitRatioResults
from benchmarks.report.figures import lifetime, percent
from benchmarks.report.measured import mixes
from notebooks.lib.data import OUT, Command, fivefold, folder_of

_SHORT = ("--measure", "--users=60", "--rate=0.6", "--seconds=4")
"""Enough to see every curve; the intervals are wide."""


def measured(out: Path = OUT, *, command: Command = fivefold) -> HitRatioResults:
    """Return the newest published results or, with ``FIVEFOLD_LIVE=1``, those of a run made now.

    Raises as ``folder_of`` does.
    """
    return read(folder_of(PROFILE, "hit-ratio", *_SHORT, out=out, command=command))
