"""A closed loop over many connections in one thread, cheap enough not to be what is measured.

Every connection has one request under way and sends the next as soon as the answer is whole.
Requests are bytes that were made before, answers are framed by Content-Length alone, and of an
answer nothing is looked at but its status, its length and its ``Cache-Status``.
"""

import re
import selectors
import socket
import time
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Self
from urllib.parse import urlsplit

from benchmarks.measure.client import NS_PER_S, BrokenAnswer, ClientError, outcome_of

_NS_PER_US = 1000
_READ_BYTES = 65536
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CACHE_STATUS = re.compile(rb"\r\ncache-status:[ \t]*([^\r]*)", re.IGNORECASE)


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
            raise ConnectionResetError("the connection was closed")
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

    def __exit__(self, *_: object) -> None:
        self._close()

    def _next_request(self) -> bytes:
        request = self._requests[self._turn % len(self._requests)]
        self._turn += 1
        return request

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
    """The number of answers by status, and of whole hits."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """The answers of one run of the loop.

    ``latencies_us`` are from just before the send to the last byte of the body, in the order of
    completion. An answer that came after the time was over counts for nothing.
    """

    seconds: float
    latencies_us: "array[int]"
    hits: int
    statuses: Mapping[int, int]
    client_cores: float
    """Processor time that this whole process used per second while the loop ran."""

    def __add__(self, other: "LoadResult") -> "LoadResult":
        """Return what both brought, one after the other."""
        seconds = self.seconds + other.seconds
        used_s = self.client_cores * self.seconds + other.client_cores * other.seconds
        return LoadResult(
            seconds=seconds,
            latencies_us=self.latencies_us + other.latencies_us,
            hits=self.hits + other.hits,
            statuses=Counter(self.statuses) + Counter(other.statuses),
            client_cores=used_s / seconds,
        )


class ClosedLoop(Loop):
    """Every connection sends the next request as soon as it has an answer."""

    def run(self, *, seconds: float | None = None, requests: int | None = None) -> LoadResult:
        """Load for ``seconds``, or until ``requests`` are answered; raises ``ClientError``."""
        progress = _LoopProgress(left=requests)
        cpu_s, start_ns = time.process_time(), self._clock_ns()
        until_ns = None if seconds is None else start_ns + round(seconds * NS_PER_S)
        try:
            self._drive(progress, until_ns)
        except (OSError, BrokenAnswer) as error:
            raise ClientError(f"{self._url}: {error}") from error
        elapsed_s = (self._clock_ns() - start_ns) / NS_PER_S
        return LoadResult(
            seconds=elapsed_s if seconds is None else seconds,
            latencies_us=progress.latencies_us,
            hits=progress.answers.hits,
            statuses=dict(progress.answers.statuses),
            client_cores=(time.process_time() - cpu_s) / elapsed_s,
        )

    def _drive(self, progress: "_LoopProgress", until_ns: int | None) -> None:
        started = self._connections[: progress.left]
        for connection in started:
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
            self._send(connection, progress)
        busy, select = len(started), self._selector.select
        while busy:
            ready = select(self._timeout_s)
            if not ready:
                raise TimeoutError(f"no answer in {self._timeout_s:g} s")
            for key, _ in ready:
                head = key.data.receive()
                if head is not None and not self._go_on(key.data, head, progress, until_ns):
                    # Whatever happens to an idle connection is of no interest before its next use.
                    self._selector.unregister(key.fileobj)
                    busy -= 1

    def _go_on(
        self,
        connection: LoopConnection,
        head: bytes,
        progress: "_LoopProgress",
        until_ns: int | None,
    ) -> bool:
        """Count an answer and send the next request, unless the end is reached."""
        now_ns = self._clock_ns()
        if until_ns is not None and now_ns > until_ns:
            return False
        progress.add(head, (now_ns - connection.started_ns) // _NS_PER_US)
        if progress.left == 0:
            return False
        self._send(connection, progress)
        return True

    def _send(self, connection: LoopConnection, progress: "_LoopProgress") -> None:
        request = self._next_request()
        if progress.left is not None:
            progress.left -= 1
        connection.started_ns = self._clock_ns()
        connection.socket.sendall(request)


@dataclass(slots=True)
class _LoopProgress:
    left: int | None  # how many requests are still to be sent, None without a limit
    latencies_us: "array[int]" = field(default_factory=lambda: array("Q"))
    answers: Answers = field(default_factory=Answers)

    def add(self, head: bytes, latency_us: int) -> None:
        self.latencies_us.append(latency_us)
        self.answers.add(head)
