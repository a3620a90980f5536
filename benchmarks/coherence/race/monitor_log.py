"""Everything that Redis is told, as it tells it itself (the command ``MONITOR``).

What a service *sends* is one thing, what *arrives* another: that is the whole race.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from redis import Redis

from benchmarks.stack.errors import StackError

_MARKER = "fivefold-race"
_POLL_S = 0.002


@dataclass(frozen=True, slots=True)
class LoggedCommand:
    """One command that Redis ran, at an instant of the machine's clock, in seconds.

    ``in_script`` for one that a script ran; it comes directly after the script's own.
    """

    at_s: float
    text: str
    in_script: bool = False


class MonitorLog:
    """Listen in a thread of its own, and keep what was heard.

    ``listen`` returns the next command as redis-py's ``Monitor`` does; ``call`` sends a word
    through Redis, which is then heard as well. What comes from the address ``own`` is not kept.
    """

    def __init__(
        self, listen: Callable[[], Any], call: Callable[[str], object], *, own: str = ""
    ) -> None:
        self._listen = listen
        self._call = call
        self._own = own
        self._heard: list[LoggedCommand] = []
        self._markers: set[str] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, once everything before has been heard."""
        self._call(f"{_MARKER}-end")
        self._thread.join()

    def heard(self) -> Sequence[LoggedCommand]:
        """Return everything that Redis ran before this call."""
        marker = f"{_MARKER}-{len(self._markers)}"
        self._call(marker)
        wait_until(lambda: marker in self._markers, "hear what Redis was told")
        return tuple(self._heard)

    def _run(self) -> None:
        while True:
            command = self._listen()
            text = str(command["command"])
            if _MARKER in text:
                self._markers.add(text.rpartition(" ")[2])
                if text.endswith("-end"):
                    return
            elif f"{command['client_address']}:{command['client_port']}" != self._own:
                in_script = command["client_type"] == "lua"
                self._heard.append(LoggedCommand(command["time"], text, in_script))


@contextmanager
def listening(url: str, *, own: str = "") -> Iterator[MonitorLog]:
    """Listen to the Redis of this URL, but not to ``own``, while the context is open."""
    with Redis.from_url(url) as client, client.monitor() as monitor:
        log = MonitorLog(monitor.next_command, client.echo, own=own)
        log.start()
        try:
            yield log
        finally:
            log.stop()


def wait_until(
    happened: Callable[[], bool],
    what: str,
    *,
    deadline_s: float = 5.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Return as soon as it has happened; raises ``StackError`` naming it after the deadline."""
    ends_at = clock() + deadline_s
    while not happened():
        if clock() > ends_at:
            raise StackError(
                f"The race came to a halt: it waited {deadline_s:g} s to {what}; run it again on a "
                "quieter machine."
            )
        sleep(_POLL_S)
