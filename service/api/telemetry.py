"""The outermost layer: one trace per request, and the headers that every answer carries."""

import asyncio
import itertools
import logging
import re
import uuid
from collections.abc import Iterable
from time import perf_counter

import structlog
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import trace
from service.api.errors import RETRY, internal_error, problem
from service.backends import HasBackends
from service.metrics import Tally
from service.trace import Trace

SLOW_S = 1.0
FAILED = 500
_UNAVAILABLE = 503
RawHeaders = list[tuple[bytes, bytes]]

SECURITY: RawHeaders = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]

# No "@" and no more than 64 of them: neither an e-mail address nor a token can be one.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Without the comma that a name may have: it is that of two hosts in one line.
_HOST = re.compile(rb"([\w.~%!$&'()*+;=-]*|\[[\dA-Fa-f:.]+\])(:\d*)?")


class Telemetry:
    """Add timing, cache outcome, the request's id and security headers to each answer; count it.

    Only the start of the answer is touched; the body passes through as it is. A line in the log
    costs a quarter of what a cache hit does, so that only slow and failed requests get one, unless
    ``log_all`` says otherwise: the metrics count the others.
    """

    def __init__(self, app: ASGIApp, service: HasBackends, *, log_all: bool = False) -> None:
        self._app = app
        self._service = service
        self._log_from_s = 0.0 if log_all else SLOW_S
        self._id_prefix = uuid.uuid4().hex[:16].encode()
        self._id_count = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = trace.begin(self._id_of(scope["headers"]))
        status, tally = 0, None

        async def send_with_headers(message: Message) -> None:
            nonlocal status, tally
            if message["type"] == "http.response.start":
                status = message["status"]
                metrics = self._service.backends.metrics
                tally = metrics.tally(scope["method"], _route(scope), status, request)
                message["headers"].extend(_headers(request, tally))
            await send(message)

        try:
            await self._answering(scope)(scope, receive, send_with_headers)
        except (Exception, asyncio.CancelledError) as error:
            if not status:
                await _last_word(error)(scope, receive, send_with_headers)
            raise
        finally:
            took_s = perf_counter() - request.started
            if tally:
                tally.add(request, took_s)
            if took_s >= self._log_from_s or status >= FAILED:
                log_request(scope["method"], _route(scope), status, request, took_s)

    def _id_of(self, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
        """Return the caller's own id of the request if it is a plain one, else a unique one."""
        for name, value in headers:
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                return value
        return b"%b%x" % (self._id_prefix, next(self._id_count))

    def _answering(self, scope: Scope) -> ASGIApp:
        """Return what answers: a request without one host is refused (RFC 9112, section 3.2)."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        one = len(hosts) == 1 and _HOST.fullmatch(hosts[0])
        if one or (not hosts and scope["http_version"] != "1.1"):
            return self._app
        return problem(400, "The Host header must name one host")


def _headers(request: Trace, tally: Tally) -> RawHeaders:
    headers = [
        (b"server-timing", request.server_timing()),
        (b"x-request-id", request.request_id),
        *SECURITY,
    ]
    if tally.cache_status:
        headers.append((b"cache-status", tally.cache_status))
    return headers


def _last_word(error: BaseException) -> JSONResponse:
    if isinstance(error, asyncio.CancelledError):
        # The server is going down and waits no longer.
        return problem(503, "Shutting down, try again", RETRY)
    return internal_error()


def _route(scope: Scope) -> str:
    # The template, not the path: a path holds ids, which would make a series each.
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "unmatched"


def log_request(method: str, route: str, status: int, request: Trace, took_s: float) -> None:
    """Write a line on a finished request: which route it took, never which path or user."""
    structlog.get_logger().log(
        _level(status, took_s),
        "request",
        method=method,
        route=route,
        status=status,
        duration_ms=round(1e3 * took_s, 3),
        cache_ms=round(1e3 * request.cache_s, 3),
        db_ms=round(1e3 * request.db_s, 3),
        slots={kind.value: outcome for kind, outcome in request.outcomes.items()},
        request_id=request.request_id.decode(),
    )


def _level(status: int, took_s: float) -> int:
    if status == _UNAVAILABLE:
        return logging.WARNING
    if status >= FAILED:
        return logging.ERROR
    return logging.INFO if took_s >= SLOW_S else logging.DEBUG
