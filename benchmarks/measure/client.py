"""A keep-alive HTTP/1.1 client that adds so little to a request that it can time a cache hit.

One blocking socket, requests prepared as bytes, no parsing but of what tells where the answer
ends; and what the service says in the headers Cache-Status (RFC 9211) and Server-Timing.
Redirects, compression and pipelining are left out on purpose.
"""

import select
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic, perf_counter_ns
from typing import Self

from benchmarks.measure.address import parse_address, tls_context
from benchmarks.storage.records import Outcome

NS_PER_S = 1_000_000_000
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Those that change nothing, so that they may be sent once more (RFC 9110)."""
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
SILENCE_S = 10.0
"""Seconds that a service may say nothing."""
LONGEST_S = 60.0
"""Seconds that a whole answer may take."""
LARGEST_BYTES = 64 * 2**20
"""Bytes that a body may have."""
_READ_BYTES = 65536
_REPEATABLE = tuple(f"{method} ".encode() for method in SAFE_METHODS)
_WITHOUT_BODY = frozenset({204, 304})
_FIRST_FINAL_STATUS = 200


class ClientError(Exception):
    """A request got no whole answer; the message names the address and what happened."""


class BrokenAnswer(Exception):
    """The bytes received are no whole HTTP/1.1 answer."""


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
    keeps_alive: bool = True
    """Whether the connection can be used again."""


class Connection:
    """One keep-alive connection to ``url`` for one thread; see ``address`` for its forms.

    It connects when first needed, and again when the server has closed it while it was idle. A
    request that changes nothing is sent once more where the server closed the connection in the
    moment of sending, as RFC 9112 (9.3.1) allows; any other is never sent twice. The time to
    connect is never part of a duration. ``tls`` is how https is spoken, by default with
    certificates verified. Raises ``ValueError`` for what is no address.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = SILENCE_S,
        clock_ns: Callable[[], int] = perf_counter_ns,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        address = parse_address(url)
        self.url = address.url
        self.address = address
        self._tls = (tls or tls_context(verified=True)) if address.tls else None
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
        """Return the bytes of a request, to be made once and sent many times.

        Raises ``ValueError`` for what a request line or a header cannot hold.
        """
        given = headers or {}
        named = {name.lower() for name in given}
        lines = [f"{method} {self.address.base}{path} HTTP/1.1"]
        lines += [] if "host" in named else [f"Host: {self.address.authority}"]
        if self.address.authorization and "authorization" not in named:
            lines.append(f"Authorization: {self.address.authorization}")
        lines += [f"{name}: {value}" for name, value in given.items()]
        if body or method in BODY_METHODS:
            lines.append(f"Content-Length: {len(body)}")
        try:
            _check(method, path, given)
            return "\r\n".join([*lines, "", ""]).encode("ascii") + body
        except UnicodeEncodeError:
            raise ValueError(f"a header of {method} {path} is not ASCII") from None

    def send(self, request: bytes) -> Response:
        """Send a prepared request and return the whole answer; raises ``ClientError``."""
        reused = self._socket
        try:
            return self._sent(request)
        except _ClosedWithoutAnswer:
            if reused is None or not request.startswith(_REPEATABLE):
                raise
        return self._sent(request)

    def _sent(self, request: bytes) -> Response:
        try:
            connected = self._ready()
            receive, bodiless = partial(connected.recv, _READ_BYTES), request.startswith(b"HEAD ")
            start_ns = self._clock_ns()
            sent = connected.send(request)
            if sent < len(request):
                connected.sendall(request[sent:])
            answer = read_answer(receive, bodiless=bodiless)
            duration_ns = self._clock_ns() - start_ns
        except (OSError, BrokenAnswer) as error:
            self.close()
            raise self._failed(error) from error
        if not answer.keeps_alive:
            self.close()
        return Response(answer.status, answer.headers, answer.body, start_ns, duration_ns)

    def _failed(self, error: OSError | BrokenAnswer) -> ClientError:
        if isinstance(error, ssl.SSLCertVerificationError):
            return ClientError(
                f"{self.url}: its certificate is not trusted: {error.verify_message}"
            )
        if isinstance(error, TimeoutError) and not error.args[1:]:
            return ClientError(f"{self.url}: no answer in {self._timeout_s:g} s")
        closed = isinstance(error, ConnectionResetError | BrokenPipeError)
        kind = _ClosedWithoutAnswer if closed else ClientError
        return kind(f"{self.url}: {error}")

    def _ready(self) -> socket.socket:
        """Return a connected socket that the server has not closed as far as one can know."""
        if self._socket is not None and _has_ended(self._socket):
            self.close()
        if self._socket is None:
            self._socket = self.address.connect(self._timeout_s, self._tls)
        return self._socket


class _ClosedWithoutAnswer(ClientError):
    """The server closed the connection before a byte of its answer."""


def _check(method: str, path: str, headers: Mapping[str, str]) -> None:
    """Raise ``ValueError`` for what would be another request than the one that was meant."""
    if not (method.isascii() and method.isalpha() and method.isupper()):
        raise ValueError(f"{method!r} is no method")
    if not path.startswith("/") or not path.isascii() or any(each <= " " for each in path):
        raise ValueError(
            f"{path!r} is no path: it begins with / and is ASCII without spaces; "
            "write other characters as %XX"
        )
    for name, value in headers.items():
        if not name or not name.isascii() or any(each <= " " or each == ":" for each in name):
            raise ValueError(f"{name!r} is no name of a header")
        if any(each in "\r\n\0" for each in value):
            raise ValueError(f"the header {name} has more than one line")


def _has_ended(connected: socket.socket) -> bool:
    """Tell whether an idle connection was closed, or holds bytes that no request asked for."""
    poll = select.poll()
    poll.register(connected, select.POLLIN)
    return bool(poll.poll(0))


class _Stream:
    """Bytes as they come, handed out by line or by count."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._buffer = bytearray()
        self._seen = 0
        self._until = monotonic() + LONGEST_S

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
            self._add(data)
        return bytes(self._buffer)

    def finish(self) -> None:
        if self._buffer:
            raise BrokenAnswer(f"{len(self._buffer)} bytes too many after the answer")

    def _more(self) -> None:
        data = self._receive()
        if not data:
            if not self._seen:
                raise ConnectionResetError("the connection was closed without an answer")
            raise BrokenAnswer("the connection was closed in the middle of an answer")
        self._add(data)

    def _add(self, data: bytes) -> None:
        # The first bytes are often all of them, and looking at the clock takes time, too.
        if self._seen and monotonic() > self._until:
            raise BrokenAnswer(f"the answer has no end: it went on for {LONGEST_S:g} s")
        self._seen += len(data)
        if self._seen > LARGEST_BYTES:
            raise BrokenAnswer(f"the answer has no end: it is longer than {LARGEST_BYTES} bytes")
        self._buffer += data


def read_answer(receive: Callable[[], bytes], *, bodiless: bool = False) -> Response:
    """Read one whole answer, which knows no times; interim ones (1xx) are skipped.

    ``receive`` returns the next bytes, none at the end of the connection. An answer to HEAD is
    ``bodiless`` whatever its head says. Raises ``BrokenAnswer``, and ``ConnectionResetError`` where
    the connection was closed before the first byte.
    """
    stream = _Stream(receive)
    status, version, headers = _head(stream)
    while status < _FIRST_FINAL_STATUS:
        status, version, headers = _head(stream)
    framed = True
    if bodiless or status in _WITHOUT_BODY:
        body = b""
    elif "chunked" in headers.get("transfer-encoding", "").lower():
        body = _chunks(stream)
    elif "content-length" in headers:
        length = _number(headers["content-length"], "the header Content-Length")
        body = stream.exactly(length)
    else:
        body, framed = stream.rest(), False
    if framed:
        stream.finish()
    closes = headers.get("connection", "").lower() == "close" or version == b"HTTP/1.0"
    return Response(status, headers, body, 0, 0, keeps_alive=framed and not closes)


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
    return _number(rest[:3].decode("latin-1"), "the status"), version, headers


def _chunks(stream: _Stream) -> bytes:
    body = bytearray()
    while size := _chunk_size(stream):
        body += stream.exactly(size)
        if stream.exactly(2) != b"\r\n":
            raise BrokenAnswer("a chunk is longer than it says")
    while stream.until(b"\r\n"):
        pass  # trailers say nothing that is measured
    return bytes(body)


def _chunk_size(stream: _Stream) -> int:
    written = stream.until(b"\r\n").partition(b";")[0].decode("latin-1")
    return _number(written, "the size of a chunk", base=16)


def _number(text: str, what: str, *, base: int = 10) -> int:
    try:
        number = int(text, base)
    except ValueError:
        number = -1
    if number < 0:
        raise BrokenAnswer(f"{what} is {text!r}, which is not a number of 0 or more")
    return number


def outcome_of(cache_status: str | None) -> Outcome:
    """Return the outcome of a whole answer from the state of each of its slots.

    ``todos; hit, user; hit`` is a hit, ``todos; hit, user; fwd=miss`` partial, and any forward
    reason but a bypass counts as a miss. Without the header, or with nothing readable in it, the
    outcome is unknown.
    """
    slots = {_state(parameters) for _, parameters in _members(cache_status)}
    if slots == {"hit"}:
        return "hit"
    if slots == {"bypass"}:
        return "bypass"
    if "unknown" in slots or not slots:
        return "unknown"
    return "partial" if "hit" in slots else "miss"


def slots_of(cache_status: str | None) -> str:
    """Return each slot with what it was, such as ``todos=invalidated user=hit``.

    What was no hit shows the reason where the service gives one (``detail``), else ``miss`` or
    ``bypass``.
    """
    return " ".join(
        f"{name}={'hit' if 'hit' in found else found.get('detail') or _state(found)}"
        for name, found in _members(cache_status)
    )


def timings_of(server_timing: str | None) -> Mapping[str, float]:
    """Return the durations in ms by metric name; metrics without a readable one are left out."""
    timings: dict[str, float] = {}
    for name, parameters in _members(server_timing):
        with suppress(KeyError, ValueError):
            timings[name] = float(parameters["dur"])
    return timings


def _members(header: str | None) -> list[tuple[str, dict[str, str]]]:
    """Return the name and the parameters of each member of a list such as Cache-Status."""
    members = [member.split(";") for member in (header or "").split(",") if member.strip()]
    return [
        (name.strip(), dict(each.strip().partition("=")[::2] for each in parameters))
        for name, *parameters in members
    ]


def _state(parameters: Mapping[str, str]) -> Outcome:
    """Return hit, bypass, miss or unknown."""
    if "hit" in parameters:
        return "hit"
    if "fwd" not in parameters:
        return "unknown"
    return "bypass" if parameters["fwd"] == "bypass" else "miss"
