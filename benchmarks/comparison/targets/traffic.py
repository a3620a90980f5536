"""The connection to a target: never faster than allowed, with redirects followed if asked.

And what the headers of an answer say of a cache before the target.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urljoin, urlsplit

from benchmarks.measure.client import NS_PER_S, ClientError, Connection, Response, outcome_of
from benchmarks.storage.records import Outcome
from benchmarks.storage.usage import UsageError

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AS_GET = frozenset({301, 302, 303})


class RateLimit:
    """Lets one request start every 1 / ``rate`` seconds at most; None for as fast as it goes."""

    def __init__(
        self,
        rate: float | None,
        *,
        clock_ns: Callable[[], int],
        sleep: Callable[[float], None],
    ) -> None:
        self._gap_ns = round(NS_PER_S / rate) if rate else 0
        self._clock_ns = clock_ns
        self._sleep = sleep
        self._next_ns: int | None = None

    def wait(self) -> None:
        """Return when the next request may start."""
        if not self._gap_ns:
            return
        now_ns = self._clock_ns()
        if self._next_ns is not None and now_ns < self._next_ns:
            self._sleep((self._next_ns - now_ns) / NS_PER_S)
            now_ns = max(self._next_ns, self._clock_ns())
        self._next_ns = now_ns + self._gap_ns


class TargetConnection(Connection):
    """A connection to a target; ``follows`` redirects that stay on it.

    The time of a followed request is that from its first send to the last byte of the last answer.
    """

    def __init__(
        self,
        url: str,
        *,
        clock_ns: Callable[[], int],
        tls: ssl.SSLContext | None,
        limit: RateLimit,
        follows: bool,
    ) -> None:
        super().__init__(url, clock_ns=clock_ns, tls=tls)
        self._limit = limit
        self._follows = follows

    def send(self, request: bytes) -> Response:
        """Send a prepared request; raises ``ClientError``."""
        self._limit.wait()
        response = super().send(request)
        if not self._follows or response.status not in _REDIRECTS:
            return response
        return self._followed(request, response)

    def _followed(self, request: bytes, first: Response) -> Response:
        response = first
        for _ in range(_MOST_REDIRECTS):
            request = self._redirected(request, response)
            self._limit.wait()
            response = super().send(request)
            if response.status not in _REDIRECTS:
                duration_ns = response.start_ns + response.duration_ns - first.start_ns
                return replace(response, start_ns=first.start_ns, duration_ns=duration_ns)
        raise ClientError(f"{self.url}: more than {_MOST_REDIRECTS} redirects of one request")

    def _redirected(self, request: bytes, response: Response) -> bytes:
        """Return the request for the place that a redirect names."""
        head, _, body = request.partition(b"\r\n\r\n")
        line, *headers = head.decode("ascii").split("\r\n")
        method, path, _ = line.split(" ")
        location = response.headers.get("location", "")
        origin = self.address.origin
        place = urlsplit(urljoin(f"{origin}{path}", location))
        if f"{place.scheme}://{place.netloc}" != origin:
            raise ClientError(f"{self.url}: a redirect leads elsewhere, to {location[:80]!r}")
        if response.status in _AS_GET and method != "HEAD":
            method, body = "GET", b""
            headers = [each for each in headers if not each.lower().startswith("content-")]
        target = f"{place.path or '/'}{'?' if place.query else ''}{place.query}"
        return "\r\n".join([f"{method} {target} HTTP/1.1", *headers, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class HitHeader:
    """The header that says whether an answer came from a cache, and the word for a hit."""

    name: str
    word: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``NAME: WORD``; raises ``UsageError``."""
        name, _, word = (part.strip() for part in text.partition(":"))
        if not name or not word:
            raise UsageError(f"--header-hit {text!r} takes NAME: WORD, such as 'X-Cache: HIT'")
        return cls(name.lower(), word.lower())


def outcome_by(headers: Mapping[str, str], hit: HitHeader | None) -> Outcome:
    """Return what the headers say, ``unknown`` where they say nothing.

    Without a header of the user's, ``Cache-Status`` (RFC 9211) tells, else ``Age`` (RFC 9111, 5.1):
    an answer that is a second old or more was stored somewhere. A hit within its first second is
    taken for a miss.
    """
    if hit is not None:
        value = headers.get(hit.name)
        if value is None:
            return "unknown"
        return "hit" if hit.word in value.lower() else "miss"
    if "cache-status" in headers:
        return outcome_of(headers["cache-status"])
    age = headers.get("age", "")
    if not age.isdecimal():
        return "unknown"
    return "hit" if int(age) else "miss"
