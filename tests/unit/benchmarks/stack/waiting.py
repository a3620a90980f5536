"""Wait for what other processes do, for a bounded time."""

import time
from collections.abc import Callable

import psutil


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
        return state_of(pid) == "zombie"
    except psutil.NoSuchProcess:
        return True


def state_of(pid: int) -> str:
    """Return whether a process is running, sleeping, stopped; a container may have no ``ps``."""
    return str(psutil.Process(pid).status())
