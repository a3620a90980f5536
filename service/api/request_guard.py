"""What a request must pass before anybody reads its body: rate by address, size, media type."""

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.addresses import client_key
from service.api.errors import problem
from service.api.headers import rate_limit, too_many
from service.limits import Decision, Rule

MAX_BODY_BYTES = 64 * 1024
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class RequestGuard:
    """Refuse early: 429 for a flood, 413 for a large body, 415 for one that is not JSON.

    A body that does not declare its length is counted as it comes.

    ``rules`` holds the rate limit of a (method, path). FastAPI reads a body before it solves
    dependencies, so a limiter inside the routes would protect neither memory nor time.
    """

    def __init__(self, app: ASGIApp, *, rules: Mapping[tuple[str, str], Rule]) -> None:
        self._app = app
        self._limited = RequestBodyLimitMiddleware(app, max_body_size=MAX_BODY_BYTES)
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        decision = await self._limit(scope)
        if decision is not None:
            send = _with_headers(send, rate_limit(decision))
            if not decision.admitted:
                await problem(429, too_many(decision.rule))(scope, receive, send)
                return
        if refusal := _refusal(headers):
            await problem(*refusal)(scope, receive, send)
            return
        await self._limited(scope, receive, send)

    async def _limit(self, scope: Scope) -> Decision | None:
        rule = self._rules.get((scope["method"], scope["path"]))
        if rule is None:
            return None
        app: FastAPI = scope["app"]
        limiter = app.state.backends.limiter
        decision: Decision = await limiter.hit(rule, client_key(scope.get("client")))
        return decision


def _refusal(headers: Headers) -> tuple[int, str] | None:
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > MAX_BODY_BYTES:
        return 413, f"Body too large. Max {MAX_BODY_BYTES} bytes."
    return None if _is_json(headers) else (415, "Content-Type must be application/json")


def _is_json(headers: Headers) -> bool:
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return not has_body or media_type == "application/json"


def _with_headers(send: Send, extra: Mapping[str, str]) -> Send:
    raw = [(name.lower().encode(), value.encode()) for name, value in extra.items()]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name for name, _ in message["headers"]}
            message["headers"].extend(item for item in raw if item[0] not in present)
        await send(message)

    return sending
