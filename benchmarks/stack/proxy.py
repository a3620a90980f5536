"""A TCP proxy that makes a healthy server look broken, for what signals cannot do.

It stands between the service and Redis or MongoDB, in a process of its own, so that nothing the
harness does delays a byte. Modes are changed at run time; see ``RelayMode``.
"""

import contextlib
import json
import socket
import sys
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

from benchmarks.stack.errors import StackError
from benchmarks.stack.ports import HOST, answers
from benchmarks.stack.process import Process, launch
from benchmarks.stack.relay import ProxyState, RelayMode

_PROGRAM = "benchmarks.stack.relay"
_TIMEOUT_S = 5.0
_DEFAULT_PORTS = {"redis": 6379, "mongodb": 27017, "http": 80}


class FaultProxy:
    """A running proxy; ``url`` is to be used in place of the server's own.

    Every method raises ``StackError`` when the proxy has ended.
    """

    def __init__(self, target: SplitResult, process: Process, control: socket.socket) -> None:
        self.process = process
        self._control = control.makefile("rw", encoding="ascii")
        self._socket = control
        user, at, _ = target.netloc.rpartition("@")
        netloc = f"{user}{at}{HOST}:{self.state().port}"
        self.url = urlunsplit(target._replace(netloc=netloc))

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
    process, control = launch(
        name,
        arguments=lambda port: [sys.executable, "-m", _PROGRAM, str(port), *addresses],
        probe=lambda port: None if answers(port) else f"nothing listens on port {port}",
        log=log,
    )
    try:
        connected = socket.create_connection((HOST, control), _TIMEOUT_S)
        return FaultProxy(targets[0], process, connected)
    except BaseException:
        process.kill()
        raise


def _address(target: SplitResult, name: str) -> tuple[str, str]:
    if target.scheme not in _DEFAULT_PORTS or not target.hostname or "," in target.netloc:
        raise StackError(f"{name} needs the URL of one redis://, mongodb:// or http:// server.")
    return target.hostname, str(target.port or _DEFAULT_PORTS[target.scheme])
