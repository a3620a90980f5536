"""Where the notebook's race comes from: the committed recording or, live, one made now."""

from pathlib import Path

from benchmarks.notebook.measuring import OUT, Command, folder_of
from benchmarks.race.files import KIND, read
from benchmarks.race.recording import Race


def recorded(out: Path = OUT, *, command: Command | None = None) -> Race:
    """Return the newest published race or, with ``FIVEFOLD_LIVE=1``, one that is played now.

    Raises as ``folder_of`` does.
    """
    return read(folder_of(KIND, "race", out=out, command=command))
