"""A keep-alive HTTP/1.1 client that adds so little to a request that it can time a cache hit.

One blocking socket, requests prepared as bytes, no parsing but of what tells where the answer
ends. Redirects, compression and pipelining are left out on purpose.
"""

import select
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter_ns
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from benchmarks.measure.framing import BrokenAnswer, read_answer

_READ_BYTES = 65536


class ClientError(Exception):
    """A request got no whole answer; the message names the address and what happened."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer and its time from just before the send to the last byte of the body.

    Header names are lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    start_ns: int
    duration_ns: int


class Connection:
    """One keep-alive connection to ``url`` for one thread.

    It connects when first needed, and again when the server has closed it while it was idle,
    which is told before anything is sent: a request is never sent twice. The time to connect is
    never part of a duration.
    """

    def __init__(
        self, url: str, *, timeout_s: float = 10.0, clock_ns: Callable[[], int] = perf_counter_ns
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"{url} is not an http:// address")
        self.url = url
        self._address = (parts.hostname, parts.port or 80)
        self._authority = parts.netloc
        self._timeout_s = timeout_s
        self._clock_ns = clock_ns
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def prepare(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> bytes:
        """Return the bytes of a request, to be made once and sent many times."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._authority}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body or method in {"POST", "PUT", "PATCH"}:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode("ascii") + body

    def send(self, request: bytes) -> Response:
        """Send a prepared request and return the whole answer; raises ``ClientError``."""
        try:
            connected = self._ready()
            start_ns = self._clock_ns()
            sent = connected.send(request)
            if sent < len(request):
                connected.sendall(request[sent:])
            answer = read_answer(lambda: connected.recv(_READ_BYTES))
            duration_ns = self._clock_ns() - start_ns
        except (OSError, BrokenAnswer) as error:
            self.close()
            what = (
                f"no answer in {self._timeout_s:g} s" if isinstance(error, TimeoutError) else error
            )
            raise ClientError(f"{self.url}: {what}") from error
        except BaseException:
            # Interrupted half way: what is left of the answer must not meet the next request.
            self.close()
            raise
        if not answer.keeps_alive:
            self.close()
        return Response(answer.status, answer.headers, answer.body, start_ns, duration_ns)

    def _ready(self) -> socket.socket:
        """Return a connected socket that the server has not closed as far as one can know."""
        if self._socket is not None and _is_readable(self._socket):
            # Between requests only a close, or bytes nobody asked for, can be waiting.
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket


def _is_readable(connected: socket.socket) -> bool:
    poll = select.poll()
    poll.register(connected, select.POLLIN)
    return bool(poll.poll(0))
