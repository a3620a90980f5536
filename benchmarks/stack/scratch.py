"""A temporary folder that is removed at the latest when the next one is made."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "fivefold-run_"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for the data and logs of a run, and remove it after.

    A process ended by SIGKILL cannot remove its own. It held a lock on it, which ended with it, so
    the next run finds and removes it.
    """
    _remove_abandoned()
    # Under another name until it is locked, so that no other run takes it for an abandoned one.
    made = Path(tempfile.mkdtemp(prefix="fivefold_"))
    lock = _lock(made)
    folder = made.rename(made.with_name(f"{_PREFIX}{made.name}"))
    try:
        yield folder
    finally:
        # A child cut off while it was being started may still write there for a moment.
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _remove_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        lock = _lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _lock(folder: Path) -> int | None:
    """Lock our folder for as long as the descriptor is open; None where a process holds it."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(lock).st_uid == os.getuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
    except OSError:
        pass
    os.close(lock)
    return None
