"""Where an HTTP/1.1 answer ends: Content-Length, chunks, or the end of the connection."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

_WITHOUT_BODY = frozenset({204, 304})
_FIRST_FINAL_STATUS = 200


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
