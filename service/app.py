"""The ASGI application."""

import gc
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import get_tracer
from pymongo.monitoring import CommandListener
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from service import VERSION
from service.api import auth, errors, operations, todos
from service.api.reads import BusyReads, Spelling
from service.api.request_guard import RequestGuard, trusted_hosts
from service.api.telemetry import Telemetry
from service.backends import Backends
from service.bootstrap import open_backends, rule
from service.config import Settings, is_traced, load_settings

_LOGIN, _REGISTER = ("POST", "/auth/login"), ("POST", "/auth/register")
# The answers that tell a guesser something: 401 and the limit of an account about a password, 409
# about an e-mail; and 201, which makes an account. Any other status uses up no attempt.
_COUNTED = {_LOGIN: frozenset({401, 429}), _REGISTER: frozenset({201, 409})}
_NAME = "fivefold"
_NOT_TRACED = frozenset(("/healthz", "/readyz", "/metrics"))
OpenBackends = Callable[[Settings], AbstractAsyncContextManager[Backends]]


class TodoService(FastAPI):
    """FastAPI, with the layers that a request meets before it.

    ``entry`` is the first of them, which adds what every answer has; ``ahead`` is what it leads
    to, and answers what need not go to FastAPI. ``backends`` are there from its start on: a look
    into FastAPI's ``state`` takes fifty times as long as an attribute, and each request needs two.
    """

    backends: Backends
    entry: ASGIApp
    ahead: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        await self.entry(scope, receive, send)

    async def behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection by FastAPI alone."""
        await super().__call__(scope, receive, send)


def create_app(
    settings: Settings, open_backends: OpenBackends = open_backends, *, traced: bool = False
) -> TodoService:
    """Return the service for these settings; nothing is connected before its lifespan begins."""

    @asynccontextmanager
    async def lifespan(service: TodoService) -> AsyncIterator[None]:
        async with open_backends(settings) as backends:
            service.backends = backends
            yield

    app = TodoService(
        title="fivefold todo service",
        version=VERSION,
        description=f"Todos with CACHE_ENABLED={str(settings.cache_enabled).lower()}.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_telemetry(traced=traced),
    )
    app.state.settings = settings
    errors.install(app)
    # Taken over rather than included: a request then meets one list of routes, and not a router
    # for each prefix.
    for router in (todos.router, auth.router, operations.router, operations.pages):
        app.router.routes.extend(router.routes)
    _wrap(app, settings)
    # A span is FastAPI's to open, so a traced service sends every request there.
    spelled = Spelling(
        app.behind, paths=(route.path for route in app.routes if isinstance(route, Route))
    )
    app.ahead = spelled if traced else BusyReads(spelled, app, _busy(app))
    app.entry = Telemetry(app.ahead, app, log_all=settings.log_level == "DEBUG")
    return app


def _telemetry(*, traced: bool) -> TelemetryConfig:
    """Return what FastAPI is to do: export a span for each request, or nothing.

    Never logs or metrics: its logs hold the messages of exceptions.
    """
    return {
        "auto_configure": traced,
        "tracing": traced,
        "operation_spans": False,
        "metrics": False,
        "logs": False,
        "exclude": lambda scope: scope["path"] in _NOT_TRACED,
    }


def _wrap(app: FastAPI, settings: Settings) -> None:
    """Put the middleware around the routes; the last one added is the outermost."""
    app.add_middleware(
        RequestGuard,
        rules={
            _LOGIN: rule("login", settings.rate_limit_login),
            _REGISTER: rule("register", settings.rate_limit_register),
        },
        counted=_COUNTED,
    )
    if settings.trusted_proxies:
        hosts = trusted_hosts(settings.trusted_proxies)
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=hosts)


def _busy(app: FastAPI) -> list[APIRoute]:
    endpoints = {todos.list_todos, todos.read_todo, auth.read_profile}
    routes = (route for route in app.router.routes if isinstance(route, APIRoute))
    return [route for route in routes if route.endpoint in endpoints]


def from_environment() -> TodoService:
    """Return the service that the environment describes; raises ``ConfigurationError``.

    What was made until here lives as long as the process. It is put out of the garbage
    collector's sight, which would look through all of it in the middle of some request.
    """
    settings, traced = load_settings(), is_traced(os.environ)
    opened = partial(open_backends, listeners=_listeners() if traced else ())
    app = create_app(settings, opened, traced=traced)
    gc.collect()
    gc.freeze()
    return app


def _listeners() -> Sequence[CommandListener]:
    """Return what makes spans of commands to MongoDB, and name the service for the SDK."""
    if "service.name=" not in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        os.environ.setdefault("OTEL_SERVICE_NAME", _NAME)
    try:
        # Importing it takes time and memory, which only a traced service is to pay.
        from service import tracing  # noqa: PLC0415
    except ImportError:
        # FastAPI warns of the packages that are not there.
        return ()
    return tracing.listeners(get_tracer(_NAME, VERSION))
