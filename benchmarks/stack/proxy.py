"""A TCP proxy that makes a healthy server look broken, for what signals cannot do.

It stands between the service and Redis or MongoDB, in a process of its own, so that nothing the
harness does delays a byte. Modes are changed at run time; see ``RelayMode``.
"""

import contextlib
import json
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

from benchmarks.stack.errors import StackError
from benchmarks.stack.ports import HOST
from benchmarks.stack.process import Process
from benchmarks.stack.relay import RelayMode

_TIMEOUT_S = 5.0
_DEFAULT_PORTS = {"redis": 6379, "mongodb": 27017, "http": 80}


@dataclass(frozen=True, slots=True)
class ProxyState:
    """The mode of a proxy and its counts.

    Held are the request bytes that wait to be delivered, dropped the bytes that never were. Made
    are the connections to each server since the start, in the order of the servers.
    """

    mode: RelayMode
    connections: int
    held_bytes: int
    dropped_bytes: int
    made: Sequence[int]


class FaultProxy:
    """A running proxy; ``url`` is to be used in place of the server's own.

    Every method raises ``StackError`` when the proxy has ended.
    """

    def __init__(self, url: str, process: Process, control: socket.socket) -> None:
        self.url = url
        self.process = process
        self._control = control.makefile("rw", encoding="ascii")
        self._socket = control

    def switch(self, mode: RelayMode, *, delay_ms: float = 0.0) -> ProxyState:
        """Change the mode for every connection; ``delay_ms`` is per way, of the mode ``delay``.

        While bytes wait for the last milliseconds of a delay, the proxy keeps a core busy.
        """
        return self._say(f"{mode} {delay_ms}")

    def state(self) -> ProxyState:
        """Return the mode and the counters."""
        return self._say("")

    def stop(self) -> None:
        """End the proxy and every connection through it."""
        # A proxy that is gone already cannot be told good-bye.
        with contextlib.suppress(OSError):
            self._control.close()
        self._socket.close()
        self.process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _say(self, command: str) -> ProxyState:
        answer = ""
        with contextlib.suppress(OSError):
            self._control.write(command + "\n")
            self._control.flush()
            answer = self._control.readline()
        if not answer:
            raise StackError(
                f"{self.process.name} does not obey; its log says:\n{self.process.log_tail()}"
            )
        state = json.loads(answer)
        return ProxyState(**state | {"mode": RelayMode(state["mode"])})


def start_proxy(*urls: str, log: Path, name: str = "proxy") -> FaultProxy:
    """Start a proxy to the server that a ``redis://``, ``mongodb://`` or ``http://`` URL names.

    Several servers take the connections in turn, and one that refuses is passed over.

    A client of a replica set must be told to stay (``directConnection=true``), or it will ask for
    the members' own addresses and go there. Raises ``StackError`` when it does not start.
    """
    targets = [urlsplit(url) for url in urls]
    addresses = [word for target in targets for word in _address(target, name)]
    process = Process.start(
        [sys.executable, "-m", "benchmarks.stack.relay", *addresses],
        name=name,
        log=log,
    )
    try:
        process.wait_ready(lambda: None if _announced(process) else "it named no port", _TIMEOUT_S)
        listener, control = _announced(process)
        connected = socket.create_connection((HOST, control), _TIMEOUT_S)
    except BaseException:
        process.kill()
        raise
    return FaultProxy(_at(targets[0], listener), process, connected)


def _address(target: SplitResult, name: str) -> tuple[str, str]:
    if target.scheme not in _DEFAULT_PORTS or not target.hostname or "," in target.netloc:
        raise StackError(f"{name} needs the URL of one redis://, mongodb:// or http:// server.")
    return target.hostname, str(target.port or _DEFAULT_PORTS[target.scheme])


def _announced(process: Process) -> tuple[int, ...]:
    words = process.log_tail().split()
    return tuple(int(word) for word in words) if len(words) == 2 else ()  # noqa: PLR2004


def _at(target: SplitResult, port: int) -> str:
    user, at, _ = target.netloc.rpartition("@")
    return urlunsplit(target._replace(netloc=f"{user}{at}{HOST}:{port}"))
