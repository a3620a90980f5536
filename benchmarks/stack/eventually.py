"""Wait for servers to agree on something, which takes them several rounds."""

import time
from collections.abc import Callable

from benchmarks.stack.errors import StackError

_LOOK_S = 0.02


def eventually(
    done: Callable[[], bool],
    failure: str,
    *,
    within_s: float,
    passing: type[Exception] | tuple[type[Exception], ...],
) -> None:
    """Return when it is done; errors that are ``passing`` mean that it is not yet.

    Raises ``StackError`` with the ``failure`` and the last such error after ``within_s`` seconds.
    """
    deadline = time.monotonic() + within_s
    why: Exception | None = None
    while time.monotonic() < deadline:
        try:
            if done():
                return
        except passing as error:
            why = error
        time.sleep(_LOOK_S)
    raise StackError(f"{failure} within {within_s:g} s ({why})")
