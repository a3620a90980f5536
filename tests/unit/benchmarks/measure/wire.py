"""Servers that say what a test prescribes, byte by byte, and schedules known beforehand."""

import socket
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from benchmarks.measure.client import NS_PER_S
from benchmarks.measure.closed_loop import Loop
from benchmarks.measure.open_loop import Schedule
from tests.unit.benchmarks.fake_http import handler_for, listening

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Status: todos; hit\r\n\r\nok"
HIT = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncache-status: todos; hit, user; hit\r\n\r\nok"
REQUEST = b"GET /todo/ HTTP/1.1\r\nHost: h\r\n\r\n"
PATIENCE_S = 60.0
"""How long a busy machine may take; nothing here lasts as long."""

Conversation = Callable[[socket.socket], None]
AnyLoop = TypeVar("AnyLoop", bound=Loop)


@contextmanager
def server(*connections: Conversation) -> Iterator[str]:
    """Accept one connection for each conversation and have it there."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        for converse in connections:
            accepted, _ = listener.accept()
            with accepted:
                converse(accepted)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join()
        listener.close()


def answers(*pieces: bytes) -> Conversation:
    """Read one request, then send the pieces one by one."""

    def converse(accepted: socket.socket) -> None:
        accepted.recv(65536)
        for piece in pieces:
            accepted.sendall(piece)

    return converse


@dataclass
class WireService:
    """Takes ``slow_s`` for each answer, and stalls once, on a request of a given number.

    Until it was asked ``together`` times it gives no answer.
    """

    slow_s: float = 0.0
    stall_on: int = -1
    stall_s: float = 0.0
    status: int = 200
    together: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    most: int = 0
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(
        self, _method: str, path: str, _token: str, _body: object
    ) -> tuple[int, bytes, dict[str, str]]:
        with self._lock:
            number = len(self.asked)
            self.asked.append(path)
            self._busy += 1
            self.most = max(self.most, self._busy)
            if len(self.asked) >= self.together > 0:
                self.released.set()
        if self.together:
            self.released.wait(2 * PATIENCE_S)
        time.sleep(self.stall_s if number == self.stall_on else self.slow_s)
        with self._lock:
            self._busy -= 1
        return self.status, b"ok", {"Cache-Status": "todos; hit"}


@contextmanager
def loop_on(
    kind: type[AnyLoop], service: WireService, *requests: bytes, **how: Any
) -> Iterator[AnyLoop]:
    """Yield a loop, usually of one connection, on a service."""
    with (
        listening(handler_for(service)) as running,
        kind(running.url, requests or [REQUEST], **({"connections": 1} | how)) as loop,
    ):
        yield loop


@contextmanager
def talking_to(
    kind: type[AnyLoop], *conversations: Conversation, **how: Any
) -> Iterator[tuple[AnyLoop, str]]:
    """Yield a loop, usually of one connection, on a server, and the address."""
    with (
        server(*conversations) as url,
        kind(url, [REQUEST], **({"connections": 1} | how)) as loop,
    ):
        yield loop, url


def requests_for(*paths: str) -> list[bytes]:
    return [f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode() for path in paths]


def constant(rate: float, *, seconds: float) -> Schedule:
    """Make arrivals with equal gaps of 1 / ``rate`` s, the first of them at once."""
    offsets_ns = array("q", (int(n * NS_PER_S / rate) for n in range(round(rate * seconds))))
    return Schedule(seconds=seconds, offsets_ns=offsets_ns)
