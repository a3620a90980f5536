"""Authentication, and GET routes that are answered without FastAPI's per-request machinery."""

from typing import Any

from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.backends import Backends
from service.errors import InvalidToken
from service.sessions import Session

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
    backends: Backends = scope["app"].state.backends
    claims = backends.tokens.verify(bearer(scope))
    return Session(claims, backends.repository, backends.todos)


class DirectRoute(APIRoute):
    """A route whose endpoint needs the session and the path's parameters, and nothing else.

    For an ordinary route FastAPI makes a request object and two exit stacks and solves the
    endpoint's dependencies, which takes longer than a cached answer. Here the endpoint, which must
    return a ``Response``, is called with what a plain GET holds. One with a query string goes the
    ordinary way; the schema is that of any route.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one matched request."""
        if scope["method"] != "GET" or scope["query_string"]:
            await super().handle(scope, receive, send)
            return
        session = authenticate(scope)
        response: Response = await self.endpoint(session=session, **scope["path_params"])
        await response(scope, receive, send)


class JsonBytes(Response):
    """A body that is JSON already; ``headers`` are raw, in lower case."""

    def __init__(
        self, body: bytes, status_code: int = 200, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        self.status_code = status_code
        self.background = None
        self.body = body
        length = (b"content-length", b"%d" % len(body))
        self.raw_headers: list[tuple[bytes, bytes]] = [length, _JSON, *headers]


def json_bytes(model: Any) -> JsonBytes:
    """Return a pydantic model as a body."""
    return JsonBytes(model.model_dump_json().encode())
