"""A service composed on real servers, without HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from benchmarks.stack.embedded import Stack
from service.adapters.redis import client as redis_client
from service.backends import Backends
from service.bootstrap import open_backends
from service.config import Settings
from service.domain import CachedValue, NewAccount, Todo, UserId
from tests.fakes import new_todo

TODOS = (CachedValue.TODOS,)
PATIENCE_S = 50.0


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine take its time: only a server that is gone is to fail."""
    monkeypatch.setattr(redis_client, "CONNECT_DEADLINE_S", 5.0)
    monkeypatch.setattr(redis_client, "COOL_DOWN_S", 0.1)


@pytest.fixture
def settings(servers: Stack, database_name: str) -> Callable[..., Settings]:
    """Return a function that makes settings with short intervals, over the Redis of all tests."""
    assert servers.redis is not None
    usual = {
        "jwt_secret": "a secret of the tests, longer than 32 bytes",
        "mongodb_url": servers.mongo.url,
        "mongodb_database": database_name,
        "redis_url": servers.redis.url,
        "redis_deadline_seconds": 10.0,
        "cache_lease_seconds": 0.6,
        "cache_heal_seconds": 0.2,
        "database_deadline_seconds": 2.0,
    }
    return lambda **values: Settings(**{**usual, **values})


class ServedService:
    """One composed service, and what its last read said of itself."""

    def __init__(self, backends: Backends) -> None:
        self.backends = backends
        self.said = ""

    async def register(self) -> UserId:
        """Store an account, with one todo."""
        account = NewAccount("Ada", "ada@example.com", "hash")
        user = (await self.backends.accounts.users.insert(account)).id
        await self.add(user, "Milk")
        return user

    async def add(self, user: UserId, heading: str) -> Todo:
        todos = self.backends.todos
        async with self.backends.repository.write(user, *TODOS):
            return await todos.insert(user, new_todo(heading, ""))

    async def body(self, user: UserId) -> str:
        """Read the todos; ``said`` tells where they came from."""
        snapshot = await self.backends.repository.read(user, TODOS)
        self.said = snapshot.outcomes[CachedValue.TODOS]
        assert snapshot.todos
        return snapshot.todos.body.decode()

    async def says(self, user: UserId, what: str) -> None:
        """Read until a read says this of itself."""

        async def said() -> bool:
            await self.body(user)
            return self.said == what

        await eventually(said)

    async def state(self) -> str:
        return (await self.backends.cache_control.status()).state

    async def gets(self, state: str) -> None:
        """Wait until the cache is in this state."""

        async def is_it() -> bool:
            return await self.state() == state

        await eventually(is_it)


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[ServedService]:
    async with open_backends(settings) as backends:
        yield ServedService(backends)
