"""Wait for what other processes do, for a bounded time."""

import os
import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], *, deadline_s: float = 60.0) -> bool:
    """Tell whether the condition comes true within ``deadline_s`` seconds."""
    deadline = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_gone(pid: int) -> bool:
    """Tell whether no process has this id; one that only waits to be reaped counts as gone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return state_of(pid) in {"Z", ""}


def state_of(pid: int) -> str:
    """Return the state letter that ``ps`` shows, nothing if there is no such process."""
    with os.popen(f"ps -o stat= -p {pid}") as listing:
        return listing.read().strip()[:1]
