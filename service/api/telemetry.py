"""The outermost layer: one trace per request, and the headers that every answer carries."""

import asyncio
from time import perf_counter

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import trace
from service.api.errors import RETRY, problem
from service.api.headers import SECURITY, RequestIds
from service.api.request_log import FAILED, RequestLog
from service.metrics import Metrics
from service.outcomes import cache_status


class Telemetry:
    """Add timing, cache outcome, the request's id and security headers to each answer; count it.

    Only the start of the answer is touched; the body passes through as it is.
    """

    def __init__(self, app: ASGIApp, *, log: RequestLog) -> None:
        self._app = app
        self._log = log
        self._ids = RequestIds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._ids.of(scope["headers"])
        request = trace.begin(request_id)
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"]
                headers.append((b"server-timing", request.server_timing().encode()))
                if request.outcomes:
                    headers.append((b"cache-status", cache_status(request.outcomes).encode()))
                headers.append((b"x-request-id", request_id))
                headers.extend(SECURITY)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except (Exception, asyncio.CancelledError) as error:
            if not status:
                await _last_word(error)(scope, receive, send_with_headers)
            raise
        finally:
            took_s = perf_counter() - request.started
            route = _route(scope)
            metrics: Metrics = scope["app"].state.backends.metrics
            metrics.request(scope["method"], route, status, request, took_s)
            if took_s >= self._log.from_s or status >= FAILED:
                self._log.write(scope["method"], route, status, request, took_s)


def _last_word(error: BaseException) -> JSONResponse:
    if isinstance(error, asyncio.CancelledError):
        # The server is going down and waits no longer.
        return problem(503, "Shutting down, try again", RETRY)
    return problem(500, "Internal error")


def _route(scope: Scope) -> str:
    # The template, not the path: a path holds ids, which would make a series each.
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "unmatched"
