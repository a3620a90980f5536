"""Connections that are driven by one thread, and what is counted of their answers."""

import re
import selectors
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from benchmarks.measure.client import ClientError
from benchmarks.measure.framing import BrokenAnswer
from benchmarks.measure.headers import outcome_of

_READ_BYTES = 65536
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CACHE_STATUS = re.compile(rb"\r\ncache-status:[ \t]*([^\r]*)", re.IGNORECASE)


class ConnectionClosed(BrokenAnswer):
    """The server closed the connection before its answer was whole."""


class LoopConnection:
    """One connection, and what has come of its answer so far."""

    __slots__ = ("_pending", "socket", "started_ns")

    def __init__(self, connected: socket.socket) -> None:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.settimeout(0)
        self.socket = connected
        self.started_ns = 0
        self._pending = b""

    def receive(self) -> bytes | None:
        """Return the head of the answer once the answer is whole, None before.

        Raises ``BrokenAnswer`` and ``OSError``.
        """
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise ConnectionClosed("the connection was closed")
        if self._pending:
            data = self._pending + data
        end = data.find(_HEAD_END)
        if end < 0:
            self._pending = data
            return None
        head = data[: end + 2]
        length = _LENGTH.search(head)
        if length is None or not head.startswith(b"HTTP/1.1 "):
            raise BrokenAnswer(f"no HTTP/1.1 answer with a Content-Length: {head[:40]!r}")
        missing = end + len(_HEAD_END) + int(length[1]) - len(data)
        if missing > 0:
            self._pending = data
            return None
        if missing < 0:
            raise BrokenAnswer(f"{-missing} bytes too many after the answer")
        self._pending = b""
        return head


class Loop:
    """``connections`` keep-alive connections to ``url``; ``requests`` are sent in turns.

    The connections are made on entering and closed on leaving.
    """

    def __init__(
        self,
        url: str,
        requests: Sequence[bytes],
        *,
        connections: int,
        timeout_s: float = 10.0,
        clock_ns: Callable[[], int] = perf_counter_ns,
    ) -> None:
        parts = urlsplit(url)
        self._url = url
        self._address = (parts.hostname or "", parts.port or 80)
        self._requests = requests
        self._count = connections
        self._timeout_s = timeout_s
        self._clock_ns = clock_ns
        self._selector = selectors.DefaultSelector()
        self._connections: list[LoopConnection] = []
        self._turn = 0

    def __enter__(self) -> Self:
        """Connect; raises ``ClientError``."""
        try:
            for _ in range(self._count):
                self._connect()
        except OSError as error:
            self._close()
            raise ClientError(f"{self._url}: {error}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _connect(self) -> LoopConnection:
        connection = LoopConnection(socket.create_connection(self._address, self._timeout_s))
        self._connections.append(connection)
        return connection

    def _close(self) -> None:
        for connection in self._connections:
            connection.socket.close()
        self._connections.clear()
        self._selector.close()


@dataclass(slots=True)
class Answers:
    """How many answers had which status, and how many of them were whole hits."""

    statuses: Counter[int] = field(default_factory=Counter)
    hits: int = 0
    _known: dict[bytes, bool] = field(default_factory=dict)

    def add(self, head: bytes) -> None:
        """Count one answer by its head."""
        self.statuses[int(head[9:12])] += 1
        found = _CACHE_STATUS.search(head)
        if found is not None:
            status = found[1]
            hit = self._known.get(status)
            if hit is None:
                hit = self._known[status] = outcome_of(status.decode("latin-1")) == "hit"
            self.hits += hit
