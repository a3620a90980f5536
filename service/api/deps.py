"""What routes ask for, as annotated aliases."""

import hmac
import re
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase

from service.backends import Backends
from service.domain import TodoId
from service.errors import InvalidToken, NotFound
from service.sessions import Session

_HEX24 = re.compile(r"[0-9a-f]{24}")


# Dependencies are coroutines: FastAPI sends a plain function to its thread pool and back.
async def _backends(request: Request) -> Backends:
    backends: Backends = request.app.state.backends
    return backends


def bearer(request: Request) -> str:
    """Return the bearer token of a request; raises ``InvalidToken``."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise InvalidToken
    return token.strip()


class _SignedIn(SecurityBase):
    """Verify the bearer token; one dependency, so that a request solves one and not a chain."""

    def __init__(self) -> None:
        self.model = HTTPBearerModel(bearerFormat="JWT")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Session:
        backends = await _backends(request)
        claims = backends.tokens.verify(bearer(request))
        return Session(claims, backends.repository, backends.todos)


class _Operator(SecurityBase):
    """Compare the bearer token with ``ADMIN_TOKEN``; without one there are no admin routes."""

    def __init__(self) -> None:
        self.model = HTTPBearerModel()
        self.scheme_name = "admin"

    async def __call__(self, request: Request) -> Backends:
        expected = request.app.state.settings.admin_token
        if expected is None:
            raise HTTPException(404)
        given = bearer(request).encode("latin-1")
        if not hmac.compare_digest(given, expected.get_secret_value().encode()):
            raise InvalidToken
        return await _backends(request)


async def _todo_id(todo_id: Annotated[str, Path(max_length=64)]) -> TodoId:
    # One spelling, lower case; anything else is answered like an id that does not exist.
    lowered = todo_id.lower()
    if not _HEX24.fullmatch(lowered):
        raise NotFound
    return TodoId(lowered)


BackendsDep = Annotated[Backends, Depends(_backends)]
SessionDep = Annotated[Session, Depends(_SignedIn())]
OperatorDep = Annotated[Backends, Depends(_Operator())]
TodoIdDep = Annotated[TodoId, Depends(_todo_id)]
