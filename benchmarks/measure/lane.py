"""One of many connections that are driven by one thread, and what is counted of its answers."""

import re
import socket
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.measure.framing import BrokenAnswer
from benchmarks.measure.headers import outcome_of

_READ_BYTES = 65536
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CACHE_STATUS = re.compile(rb"\r\ncache-status:[ \t]*([^\r]*)", re.IGNORECASE)


class LaneClosed(BrokenAnswer):
    """The server closed the connection before its answer was whole."""


class Lane:
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
            raise LaneClosed("the connection was closed")
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
