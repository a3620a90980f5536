"""The dependencies of routes, as annotated aliases."""

import hmac
import re
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase

from service.api.reads import authenticate, bearer
from service.api.request_guard import client_key
from service.backends import Backends
from service.domain import Rule, TodoId
from service.errors import InvalidToken, NotFound
from service.security import Session

ADMIN_RULE = Rule("admin", 5, 60)
_HEX24 = re.compile(r"[0-9a-f]{24}")


# Dependencies are coroutines: FastAPI sends a plain function to its thread pool and back.
async def _backends(request: Request) -> Backends:
    backends: Backends = request.app.backends
    return backends


class _SignedIn(SecurityBase):
    """Verify the bearer token; one dependency, so that a request solves one and not a chain."""

    def __init__(self) -> None:
        self.model = HTTPBearerModel(bearerFormat="JWT")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Session:
        return authenticate(request.scope)


class _Operator(SecurityBase):
    """Compare the bearer token with ``ADMIN_TOKEN``; without one there are no admin routes."""

    def __init__(self) -> None:
        self.model = HTTPBearerModel()
        self.scheme_name = "admin"

    async def __call__(self, request: Request) -> Backends:
        expected = request.app.state.settings.admin_token
        if expected is None:
            raise HTTPException(404)
        given = bearer(request.scope).encode("latin-1")
        backends = await _backends(request)
        address = client_key(request.scope)
        async with backends.attempts.attempt(ADMIN_RULE, address) as attempt:
            attempt.counts = not hmac.compare_digest(given, expected.get_secret_value().encode())
            if attempt.counts:
                raise InvalidToken
        return backends


def todo_id_of(text: str) -> TodoId:
    """Return the id in its one spelling; raises ``NotFound`` for what cannot be one."""
    lowered = text.lower()
    if not _HEX24.fullmatch(lowered):
        raise NotFound
    return TodoId(lowered)


BackendsDep = Annotated[Backends, Depends(_backends)]
SessionDep = Annotated[Session, Depends(_SignedIn())]
OperatorDep = Annotated[Backends, Depends(_Operator())]
