"""A closed loop over many connections in one thread, cheap enough not to be what is measured.

Every connection has one request under way and sends the next as soon as the answer is whole.
Requests are bytes that were made before, answers are framed by Content-Length alone, and of an
answer nothing is looked at but its status, its length and its ``Cache-Status``.
"""

import selectors
import time
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.measure.client import ClientError
from benchmarks.measure.connections import Answers, Loop, LoopConnection
from benchmarks.measure.framing import BrokenAnswer

NS_PER_S = 1_000_000_000
_NS_PER_US = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """What came back during one run of the loop.

    ``latencies_us`` are from just before the send to the last byte of the body, in the order of
    completion. An answer that came after the time was over counts for nothing.
    """

    seconds: float
    latencies_us: "array[int]"
    hits: int
    statuses: Mapping[int, int]
    client_cores: float
    """Processor time that this whole process used per second while the loop ran."""


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
        request = self._requests[self._turn % len(self._requests)]
        self._turn += 1
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
