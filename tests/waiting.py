"""Wait for what other processes do, for a bounded time that says nothing of how fast they are."""

import time
from collections.abc import Callable

import psutil


def until(
    happened: Callable[[], object],
    what: str,
    deadline_s: float = 60.0,
    *,
    poll_s: float = 0.02,
    not_yet: tuple[type[Exception], ...] = (),
) -> float:
    """Ask until it has happened and return after how many seconds; fails when it never does.

    An error that is ``not_yet`` means that it has not happened.
    """
    began, why = time.perf_counter(), ""
    while True:
        try:
            if happened():
                return time.perf_counter() - began
        except not_yet as error:
            why = f" ({error})"
        assert time.perf_counter() - began < deadline_s, f"not in {deadline_s} s: {what}{why}"
        time.sleep(poll_s)


def eventually(condition: Callable[[], bool]) -> bool:
    """Tell whether the condition comes true within a minute."""
    try:
        until(condition, "condition")
    except AssertionError:
        return False
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
