from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pymongo import MongoClient, monitoring
from pymongo.database import Database
from redis import Redis

from benchmarks.stack.embedded import Stack, start_redis
from benchmarks.stack.server import Server, redis_client
from service import background, bootstrap, layers
from service.adapters.redis import client
from service.coherence.lease import Lease
from service.config import Settings
from tests import needs
from tests.defects.in_process import ADMIN, NEVER_S, SECRET, ServiceInProcess, Start, start_service

Configured = Callable[..., Settings]
StartRedis = Callable[..., Server]

cached_only = pytest.mark.parametrize("variant", ["cached"], indirect=True)
"""For rows about what is in Redis: the uncached service has nothing there."""


@pytest.fixture(autouse=True)
def _light_hasher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with less effort than production: the rows sign users up, and none tests the hash."""
    light = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(bootstrap, "argon2id", lambda: light)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine take its time where no setting gives it any."""
    monkeypatch.setattr(client, "CONNECT_DEADLINE_S", 10.0)
    monkeypatch.setattr(background, "START_PATIENCE_S", NEVER_S)
    timing_of = layers.timing_of
    monkeypatch.setattr(layers, "timing_of", lambda s: replace(timing_of(s), fill_s=NEVER_S))


@pytest.fixture(params=["uncached", "cached"])
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def configured(
    servers: Stack, database_name: str, variant: str, monkeypatch: pytest.MonkeyPatch
) -> Configured:
    """Return settings of this variant, on the servers of the tests unless they are changed."""
    assert servers.redis is not None
    if variant == "uncached":
        # As one that has been up for long: the first write waits for leases that nobody holds.
        monkeypatch.setattr(Lease, "observed_s", lambda _: inf)
    defaults: dict[str, Any] = {
        "mongodb_url": servers.mongo.url,
        "mongodb_database": database_name,
        "redis_url": servers.redis.url,
        "cache_enabled": variant == "cached",
        "jwt_secret": SECRET,
        "admin_token": ADMIN,
        "rate_limit_enabled": False,
        # Patience with a busy machine; what is about impatience asks for less, and what waits for
        # a lease to end for a shorter one.
        "redis_deadline_seconds": 10.0,
        "database_deadline_seconds": 60.0,
        "cache_lease_seconds": 60.0,
    }
    return lambda **changes: Settings(**(defaults | changes))


@pytest.fixture
async def start(configured: Configured) -> AsyncIterator[Start]:
    """Start one more service of this variant; it ends with the test."""
    async with AsyncExitStack() as exits:

        async def started(**changes: Any) -> ServiceInProcess:
            own = await exits.enter_async_context(AsyncExitStack())
            return await start_service(own, configured(**changes))

        yield started


@pytest.fixture
async def service(start: Start) -> ServiceInProcess:
    return await start()


@pytest.fixture
def database(servers: Stack, database_name: str) -> Iterator[Database[dict[str, Any]]]:
    # One without the deadlines of the harness: on a busy machine it would send a document again.
    mongo: MongoClient[dict[str, Any]] = MongoClient(servers.mongo.url)
    with mongo:
        yield mongo[database_name]


@pytest.fixture
def shared_redis(servers: Stack) -> Iterator[Redis]:
    """Look into the Redis that the service uses unless the test gave it one of its own."""
    assert servers.redis is not None
    with redis_client(servers.redis.url) as redis:
        yield redis


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[StartRedis]:
    """Start Redis servers of the test's own, which it may pause and kill."""
    needs.program("redis-server")
    with ExitStack() as exits:

        def started(*extra_args: str, port: int | None = None) -> Server:
            server = start_redis(tmp_path, port=port, extra_args=extra_args)
            exits.callback(server.stop)
            return server

        yield started


class FindCounter(monitoring.CommandListener):
    """Counts the finds that any client of this process sends, by database and collection."""

    def __init__(self) -> None:
        self.finds: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name == "find":
            self.finds[event.database_name][event.command["find"]] += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


@pytest.fixture(scope="session")
def find_counter() -> FindCounter:
    # The driver takes listeners for the whole process only, and has no way to take one out.
    counter = FindCounter()
    monitoring.register(counter)
    return counter


@pytest.fixture
def finds(find_counter: FindCounter, database_name: str) -> Callable[[], Counter[str]]:
    """Tell how many finds the database of this test saw, by collection."""
    return lambda: find_counter.finds[database_name]
