"""The ASGI application."""

import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from service.api import auth, errors, operations, todos
from service.api.gate import Gate
from service.api.telemetry import Telemetry
from service.backends import Backends
from service.bootstrap import open_backends, rule
from service.config import Settings, load_settings

OpenBackends = Callable[[Settings], AbstractAsyncContextManager[Backends]]


def create_app(settings: Settings, open_backends: OpenBackends = open_backends) -> FastAPI:
    """Return the service for these settings; nothing is connected before its lifespan begins."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_backends(settings) as backends:
            app.state.backends = backends
            yield

    app = FastAPI(
        title="fivefold todo service",
        version="0.1.0",
        lifespan=lifespan,
        redoc_url=None,
        telemetry=_telemetry(),
    )
    app.state.settings = settings
    errors.install(app)
    # Taken over rather than included: a request then meets one list of routes, the busy ones
    # first, and not a router for each prefix.
    app.router.routes[:0] = [*todos.direct.routes, *auth.direct.routes]
    for router in (todos.router, auth.router, operations.router):
        app.router.routes.extend(router.routes)
    # The last one added is the outermost.
    app.add_middleware(
        Gate,
        rules={
            ("POST", "/auth/login"): rule("login", settings.rate_limit_login),
            ("POST", "/auth/register"): rule("register", settings.rate_limit_register),
        },
        trusted_proxies=settings.trusted_proxies,
    )
    app.add_middleware(Telemetry)
    return app


def _telemetry() -> TelemetryConfig:
    """Return what FastAPI is to trace by itself: nothing, unless OpenTelemetry is set up."""
    wanted = any(name.startswith("OTEL_") for name in os.environ)
    return {"tracing": wanted, "metrics": wanted, "logs": wanted}


def from_environment() -> FastAPI:
    """Return the service that the environment describes; raises ``ConfigurationError``.

    What was made until here lives as long as the process. It is put out of the garbage
    collector's sight, which would look through all of it in the middle of some request.
    """
    app = create_app(load_settings())
    gc.collect()
    gc.freeze()
    return app
