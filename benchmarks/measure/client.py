"""A keep-alive HTTP/1.1 client that adds so little to a request that it can time a cache hit.

One blocking socket, requests prepared as bytes, no parsing but of what tells where the answer
ends; and what the service says in the headers Cache-Status (RFC 9211) and Server-Timing.
Redirects, compression and pipelining are left out on purpose.
"""

import select
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Self
from urllib.parse import urlsplit

from benchmarks.storage.records import Outcome

NS_PER_S = 1_000_000_000
_READ_BYTES = 65536
_WITHOUT_BODY = frozenset({204, 304})
_FIRST_FINAL_STATUS = 200


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

    def __exit__(self, *_: object) -> None:
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


class BrokenAnswer(Exception):
    """The bytes received are no whole HTTP/1.1 answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A parsed answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    keeps_alive: bool


class _Stream:
    """Bytes as they come, handed out by line or by count."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._buffer = bytearray()

    def until(self, mark: bytes) -> bytes:
        """Return everything before ``mark`` and drop the mark."""
        searched = 0
        while (end := self._buffer.find(mark, searched)) < 0:
            searched = max(0, len(self._buffer) - len(mark) + 1)
            self._more()
        taken = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        return taken

    def exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._more()
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def rest(self) -> bytes:
        while data := self._receive():
            self._buffer += data
        return bytes(self._buffer)

    def finish(self) -> None:
        if self._buffer:
            raise BrokenAnswer(f"{len(self._buffer)} bytes too many after the answer")

    def _more(self) -> None:
        data = self._receive()
        if not data:
            seen = "in the middle of an answer" if self._buffer else "without an answer"
            raise BrokenAnswer(f"the connection was closed {seen}")
        self._buffer += data


def read_answer(receive: Callable[[], bytes]) -> Answer:
    """Read one whole answer; interim ones (1xx) are skipped.

    ``receive`` returns the next bytes, none at the end of the connection. Raises
    ``BrokenAnswer``.
    """
    stream = _Stream(receive)
    status, version, headers = _head(stream)
    while status < _FIRST_FINAL_STATUS:
        status, version, headers = _head(stream)
    framed = True
    if status in _WITHOUT_BODY:
        body = b""
    elif "chunked" in headers.get("transfer-encoding", "").lower():
        body = _chunks(stream)
    elif "content-length" in headers:
        body = stream.exactly(_number(headers["content-length"], base=10))
    else:
        body, framed = stream.rest(), False
    if framed:
        stream.finish()
    closes = headers.get("connection", "").lower() == "close" or version == b"HTTP/1.0"
    return Answer(status, headers, body, keeps_alive=framed and not closes)


def _head(stream: _Stream) -> tuple[int, bytes, dict[str, str]]:
    first, *lines = stream.until(b"\r\n\r\n").split(b"\r\n")
    version, _, rest = first.partition(b" ")
    if not version.startswith(b"HTTP/1."):
        raise BrokenAnswer(f"not HTTP/1.1: {first[:40]!r}")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode("latin-1").partition(":")
        key = name.strip().lower()
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    return _number(rest[:3].decode("latin-1"), base=10), version, headers


def _chunks(stream: _Stream) -> bytes:
    body = bytearray()
    while size := _number(stream.until(b"\r\n").partition(b";")[0].decode("latin-1"), base=16):
        body += stream.exactly(size)
        if stream.exactly(2) != b"\r\n":
            raise BrokenAnswer("a chunk is longer than it says")
    while stream.until(b"\r\n"):
        pass  # trailers say nothing that is measured
    return bytes(body)


def _number(text: str, *, base: int) -> int:
    try:
        number = int(text, base)
    except ValueError:
        number = -1
    if number < 0:
        raise BrokenAnswer(f"{text!r} is not a number")
    return number


def outcome_of(cache_status: str | None) -> Outcome:
    """Return the outcome of a whole answer from the state of each of its slots.

    ``todos; hit, user; hit`` is a hit, ``todos; hit, user; fwd=miss`` partial, and any forward
    reason but a bypass counts as a miss. Without the header, or with nothing readable in it, the
    outcome is unknown.
    """
    slots = {_slot(member) for member in (cache_status or "").split(",")}
    if slots == {"hit"}:
        return "hit"
    if slots == {"bypass"}:
        return "bypass"
    if "unknown" in slots:
        return "unknown"
    return "partial" if "hit" in slots else "miss"


def slots_of(cache_status: str | None) -> str:
    """Return each slot with what it was, such as ``todos=invalidated user=hit``.

    What was no hit shows the reason where the service gives one (``detail``), else ``miss`` or
    ``bypass``.
    """
    return " ".join(_named(member) for member in (cache_status or "").split(",") if member.strip())


def timings_of(server_timing: str | None) -> Mapping[str, float]:
    """Return the durations in ms by metric name; metrics without a readable one are left out."""
    timings: dict[str, float] = {}
    for metric in (server_timing or "").split(","):
        name, *parameters = (part.strip() for part in metric.split(";"))
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "dur":
                try:
                    timings[name] = float(value)
                except ValueError:
                    continue
    return timings


def _slot(member: str) -> str:
    """Return hit, bypass, miss or unknown for one member of the Cache-Status list."""
    _, *parameters = (part.strip() for part in member.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key == "hit":
            return "hit"
        if key == "fwd":
            return "bypass" if value == "bypass" else "miss"
    return "unknown"


def _named(member: str) -> str:
    name, *parameters = (part.strip() for part in member.split(";"))
    values = dict(parameter.partition("=")[::2] for parameter in parameters)
    return f"{name}={'hit' if 'hit' in values else values.get('detail') or _slot(member)}"
