"""The whole service over fakes: no server, no network, no waiting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx2

from service.adapters.limiters import MemoryRateLimiter
from service.app import OpenBackends, create_app
from service.backends import Backends
from service.bootstrap import assemble
from service.coherence.cache import CacheUnavailable
from service.coherence.control import DisabledControl
from service.config import Settings
from service.errors import DatabaseUnavailable
from service.layers import Layer
from service.metrics import Metrics
from service.passwords import Passwords
from tests.fakes import ManualClock, fast_hasher
from tests.fakes_coherence import RUN, CoherenceDeployment

SECRET = "a secret of the tests, longer than 32 bytes"


def make_settings(**values: Any) -> Settings:
    """Return settings that need nothing from the environment."""
    return _settings(tuple(values.items()))


# To read the environment takes longer than all else that a service of fakes needs.
@cache
def _settings(values: tuple[tuple[str, Any], ...]) -> Settings:
    return Settings(**{"jwt_secret": SECRET} | dict(values))


class ServiceFakes:
    """What stands behind a fake service, for tests to look at and to break.

    The rate limits go by ``clock``; a sleep of the cache's code moves ``cache_clock``.
    """

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.deployment = CoherenceDeployment()
        self.users, self.todos = self.deployment.users, self.deployment.todos
        self.cache, self.cache_clock = self.deployment.cache, self.deployment.clock
        self.metrics = Metrics()
        self.limiter = MemoryRateLimiter(clock=self.clock)

    async def database_answers(self) -> None:
        if self.users.down:
            raise DatabaseUnavailable

    async def redis_answers(self) -> None:
        if self.cache.down:
            raise CacheUnavailable

    async def layer(self, *, cached: bool) -> Layer:
        """Return what a variant puts between the routes and the fakes."""
        self.deployment.store.fence = None
        process = await self.deployment.process(RUN if cached else None)
        if not cached:
            return Layer(process.uncached, DisabledControl(process.lease), self.limiter)
        return Layer(
            process.repository, process.control, self.limiter, {"redis": self.redis_answers}
        )


def fake_backends(fakes: ServiceFakes) -> OpenBackends:
    """Return a stand-in for ``open_backends`` over ``fakes``, cached or not as the settings say."""

    @asynccontextmanager
    async def open_backends(settings: Settings) -> AsyncIterator[Backends]:
        layer = await fakes.layer(cached=settings.cache_enabled)
        passwords = Passwords(fast_hasher(), workers=1)
        try:
            yield assemble(
                settings,
                layer,
                users=fakes.users,
                todos=fakes.todos,
                passwords=passwords,
                metrics=fakes.metrics,
                database_answers=fakes.database_answers,
            )
        finally:
            passwords.close()

    return open_backends


@asynccontextmanager
async def serve(
    fakes: ServiceFakes,
    *,
    peer: tuple[str, int] = ("192.0.2.1", 50_000),
    raise_errors: bool = True,
    **settings: Any,
) -> AsyncIterator[httpx2.AsyncClient]:
    """Run the service over ``fakes`` in this process and yield a client of it.

    With ``raise_errors`` off a failure inside the service is answered, as a server would.
    """
    app = create_app(make_settings(**settings), fake_backends(fakes))
    transport = httpx2.ASGITransport(app, raise_app_exceptions=raise_errors, client=peer)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=transport, base_url="http://service", trust_env=False
        ) as client,
    ):
        yield client


async def sign_in(client: httpx2.AsyncClient, email: str = "ada@example.com") -> None:
    """Register, log in, and let the client carry the token from here on."""
    password = "correct horse"
    who = {"name": "Ada", "email": email, "password": password}
    (await client.post("/auth/register", json=who)).raise_for_status()
    answer = await client.post("/auth/login", json={"email": email, "password": password})
    token = answer.raise_for_status().json()["access_token"]
    client.headers["authorization"] = f"Bearer {token}"
