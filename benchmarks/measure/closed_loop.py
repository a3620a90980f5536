"""A closed loop over many connections in one thread, cheap enough not to be what is measured.

Every connection has one request under way and sends the next as soon as the answer is whole.
Requests are bytes that were made before, answers are framed by Content-Length alone, and of an
answer nothing is looked at but its status, its length and its ``Cache-Status``.
"""

import selectors
import socket
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from benchmarks.measure.client import ClientError
from benchmarks.measure.framing import BrokenAnswer
from benchmarks.measure.lane import Answers, Lane

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


class ClosedLoop:
    """``connections`` keep-alive connections to ``url``, taking turns through ``requests``.

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
        self._lanes: list[Lane] = []
        self._sent = 0
        self._left: int | None = None

    def __enter__(self) -> Self:
        """Connect; raises ``ClientError``."""
        try:
            for _ in range(self._count):
                self._lanes.append(Lane(socket.create_connection(self._address, self._timeout_s)))
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

    def run(self, *, seconds: float | None = None, requests: int | None = None) -> LoadResult:
        """Load for ``seconds``, or until ``requests`` are answered; raises ``ClientError``."""
        tally = _Tally()
        cpu_s, start_ns = time.process_time(), self._clock_ns()
        until_ns = None if seconds is None else start_ns + round(seconds * NS_PER_S)
        try:
            self._drive(tally, until_ns, requests)
        except (OSError, BrokenAnswer) as error:
            raise ClientError(f"{self._url}: {error}") from error
        elapsed_s = (self._clock_ns() - start_ns) / NS_PER_S
        return LoadResult(
            seconds=elapsed_s if seconds is None else seconds,
            latencies_us=tally.latencies_us,
            hits=tally.answers.hits,
            statuses=dict(tally.answers.statuses),
            client_cores=(time.process_time() - cpu_s) / elapsed_s,
        )

    def _drive(self, tally: "_Tally", until_ns: int | None, requests: int | None) -> None:
        self._left = requests
        started = self._lanes[:requests]
        for lane in started:
            self._selector.register(lane.socket, selectors.EVENT_READ, lane)
            self._send(lane)
        busy, select = len(started), self._selector.select
        while busy:
            ready = select(self._timeout_s)
            if not ready:
                raise TimeoutError(f"no answer in {self._timeout_s:g} s")
            for key, _ in ready:
                head = key.data.receive()
                if head is not None and not self._go_on(key.data, head, tally, until_ns):
                    # Whatever happens to an idle connection is of no interest before its next use.
                    self._selector.unregister(key.fileobj)
                    busy -= 1

    def _go_on(self, lane: Lane, head: bytes, tally: "_Tally", until_ns: int | None) -> bool:
        """Count an answer and send the next request, unless the end is reached."""
        now_ns = self._clock_ns()
        if until_ns is not None and now_ns > until_ns:
            return False
        tally.add(head, (now_ns - lane.started_ns) // _NS_PER_US)
        if self._left == 0:
            return False
        self._send(lane)
        return True

    def _send(self, lane: Lane) -> None:
        request = self._requests[self._sent % len(self._requests)]
        self._sent += 1
        if self._left is not None:
            self._left -= 1
        lane.started_ns = self._clock_ns()
        lane.socket.sendall(request)

    def _close(self) -> None:
        for lane in self._lanes:
            lane.socket.close()
        self._lanes.clear()
        self._selector.close()


@dataclass(slots=True)
class _Tally:
    latencies_us: "array[int]" = field(default_factory=lambda: array("Q"))
    answers: Answers = field(default_factory=Answers)

    def add(self, head: bytes, latency_us: int) -> None:
        self.latencies_us.append(latency_us)
        self.answers.add(head)
