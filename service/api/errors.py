"""The one table that turns what went wrong into HTTP, and the one shape of an error body."""

import math
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.routing import Match

from service import errors
from service.domain import Decision

_BEARER = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
RETRY = {"Retry-After": "1"}

_KEY_REUSED = {
    "type": "key_reused",
    "loc": ["header", "idempotency-key"],
    "msg": "was used for another todo",
}

TABLE: dict[type[errors.ServiceError], tuple[int, str | list[object], dict[str, str]]] = {
    errors.InvalidToken: (401, "Invalid token", _BEARER),
    errors.ExpiredToken: (401, "Token has expired", _BEARER),
    errors.RevokedToken: (401, "Token revoked", _BEARER),
    errors.InvalidCredentials: (401, "Invalid email or password", {"WWW-Authenticate": "Bearer"}),
    errors.WrongPassword: (403, "Current password is missing or wrong", {}),
    errors.NotFound: (404, "Todo not found", {}),
    errors.EmailTaken: (409, "Email already registered", {}),
    errors.QuotaReached: (409, "Todo quota reached", {}),
    errors.NoCacheConfigured: (409, "This process was started with CACHE_ENABLED=false", {}),
    errors.RevisionMismatch: (412, "Todo was changed meanwhile", {}),
    errors.KeyReused: (422, [_KEY_REUSED], {}),
    errors.DatabaseUnavailable: (503, "Database unavailable, try again", RETRY),
    errors.IndexConflict: (503, "Database unavailable, try again", RETRY),
    errors.Overloaded: (503, "Busy, try again", RETRY),
}


def problem(
    status: int, detail: str | list[object], headers: dict[str, str] | None = None
) -> JSONResponse:
    """Return an error in its one shape."""
    return JSONResponse({"detail": detail}, status, headers)


def internal_error() -> JSONResponse:
    """Return the answer to a request that failed for an unexpected reason."""
    return problem(500, "Internal error")


def rate_limit(decision: Decision) -> dict[str, str]:
    """Return the fields of draft-ietf-httpapi-ratelimit-headers, and Retry-After on refusal."""
    rule = decision.rule
    wait_s = math.ceil(decision.free_in_s)
    headers = {
        "RateLimit-Policy": f'"{rule.name}";q={rule.limit};w={rule.window_s}',
        "RateLimit": f'"{rule.name}";r={decision.remaining};t={wait_s}',
    }
    if not decision.admitted:
        headers["Retry-After"] = str(max(1, wait_s))
    return headers


def response_to(error: errors.ServiceError) -> JSONResponse:
    """Return the answer to a request that ended with this."""
    if isinstance(error, errors.RateLimited):
        rule = error.decision.rule
        said = f"Rate limit exceeded. Max {rule.limit} requests per {rule.window_s} seconds."
        return problem(429, said, rate_limit(error.decision))
    return problem(*TABLE[type(error)])


async def _service_error(_: Request, error: Exception) -> JSONResponse:
    return response_to(cast(errors.ServiceError, error))


async def _invalid_input(_: Request, error: Exception) -> JSONResponse:
    """Answer in the shape that clients of FastAPI know: what was wrong, where, and of which type.

    The offending input is not echoed: it may be a password, or not even encodable.
    """
    found = cast(RequestValidationError, error).errors()
    return problem(422, [_explained(item) for item in found])


async def _not_allowed(request: Request, _: Exception) -> JSONResponse:
    # The methods of one path may be spread over several routes.
    allowed = {
        method
        for route in request.app.router.routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods
    }
    if "GET" in allowed:
        # Which service.api.reads serves.
        allowed.add("HEAD")
    return problem(405, "Method Not Allowed", {"Allow": ", ".join(sorted(allowed))})


async def _failed(_: Request, __: Exception) -> JSONResponse:
    return internal_error()


def _explained(item: dict[str, Any]) -> dict[str, Any]:
    message = item["msg"].removeprefix("Value error, ")
    return {"type": item["type"], "loc": [*map(_shown, item["loc"])], "msg": message}


def _shown(part: str | int) -> str | int:
    # The name of a field that there is none of may be anything.
    return part if isinstance(part, int) else part.encode(errors="replace").decode()[:64]


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(errors.ServiceError, _service_error)
    app.add_exception_handler(405, _not_allowed)
    app.add_exception_handler(RequestValidationError, _invalid_input)
    # In place of Starlette's text; it raises the exception again, for the server to log.
    app.add_exception_handler(Exception, _failed)
