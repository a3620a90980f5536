"""What is ahead of FastAPI: authentication, the busy reads, and other spellings of a request."""

from collections.abc import Awaitable, Iterable

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.errors import response_to
from service.backends import Backends
from service.errors import InvalidToken, ServiceError
from service.security import Session

_JSON = (b"content-type", b"application/json")


def bearer(scope: Scope) -> str:
    """Return the bearer token of a request; raises ``InvalidToken``."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer" and token:
                return str(token.strip())
            break
    raise InvalidToken


def authenticate(scope: Scope) -> Session:
    """Return the session of a request's bearer token; raises ``InvalidToken``."""
    backends: Backends = scope["app"].backends
    claims = backends.tokens.verify(bearer(scope))
    return Session(claims, backends.repository, backends.todos)


class BusyReads:
    """Answer the plain GETs of some routes, and leave every other request to ``app``.

    FastAPI makes a request object and exit stacks for each request, and solves the dependencies
    of its endpoint: together that takes longer than a cached answer. So the endpoint of a busy
    route is called from here, with the session and the path's parameter. It needs nothing else
    of a GET without a query string, and returns a ``Response``. ``app`` has the same routes, for
    the other requests to them and for the documentation.
    """

    def __init__(self, app: ASGIApp, state_of: FastAPI, routes: Iterable[APIRoute]) -> None:
        self._app = app
        self._state_of = state_of
        self._whole: dict[str, APIRoute] = {}
        self._by_prefix: dict[str, tuple[APIRoute, str]] = {}
        for route in routes:
            prefix, _, name = route.path.partition("{")
            if name:
                self._by_prefix[prefix] = route, name.removesuffix("}")
            else:
                self._whole[prefix] = route

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one ASGI connection."""
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]:
            path: str = scope["path"]
            if (route := self._whole.get(path)) is not None:
                return self._answer(route, {}, scope, receive, send)
            parent, _, last = path.rpartition("/")
            if last and (found := self._by_prefix.get(f"{parent}/")) is not None:
                route, name = found
                return self._answer(route, {name: last}, scope, receive, send)
        return self._app(scope, receive, send)

    async def _answer(
        self, route: APIRoute, given: dict[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        scope["app"], scope["route"] = self._state_of, route
        try:
            response: Response = await route.endpoint(session=authenticate(scope), **given)
        except ServiceError as error:
            response = response_to(error)
        await response(scope, receive, send)


class JsonBytes(Response):
    """A body that is JSON already; ``headers`` are raw, in lower case.

    One with an ``etag`` becomes a 304 for a ``GET`` whose ``If-None-Match`` names it (RFC 9110,
    section 13.1.2).
    """

    def __init__(
        self,
        body: bytes,
        status_code: int = 200,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        *,
        etag: bytes | None = None,
    ) -> None:
        self.status_code = status_code
        self.background = None
        self.body = body
        self._etag = etag
        length = (b"content-length", b"%d" % len(body))
        self.raw_headers: list[tuple[bytes, bytes]] = [length, _JSON, *headers]
        if etag is not None:
            self.raw_headers.append((b"etag", etag))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it."""
        etag = self._etag
        if etag is not None and scope["method"] == "GET" and _names(scope["headers"], etag):
            self.status_code, self.body, self.raw_headers = 304, b"", [(b"etag", etag)]
        status, headers = self.status_code, self.raw_headers
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def _names(headers: Iterable[tuple[bytes, bytes]], etag: bytes) -> bool:
    """Tell whether ``If-None-Match`` names this tag or any; weak and strong ones compare alike."""
    given = b",".join(value for name, value in headers if name == b"if-none-match")
    return given.strip() == b"*" or any(
        each.strip().removeprefix(b"W/") == etag for each in given.split(b",")
    )


class Spelling:
    """Serve ``HEAD`` as the ``GET`` of it, and each path in both spellings.

    Without it a router redirects to the other spelling, and the address that it sends a body and
    a token to is made of the ``Host`` header and a scheme that a proxy may have changed.
    ``paths`` are those of the routes.
    """

    def __init__(self, app: ASGIApp, *, paths: Iterable[str]) -> None:
        self._app = app
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        meant = {**scope, "path": self._routed(scope["path"])}
        if scope["method"] == "HEAD":
            # Whose answer the server sends without its body.
            meant["method"] = "GET"

        async def sending(message: Message) -> None:
            scope["route"] = meant.get("route")
            await send(message)

        await self._app(meant, receive, sending)

    def _routed(self, path: str) -> str:
        """Return the spelling that a route has, if one has the other."""
        if path in self._paths:
            return path
        if f"{path}/" in self._paths:
            return f"{path}/"
        return path[:-1] if path.endswith("/") and not path.endswith("//") else path
