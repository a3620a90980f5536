"""Each rival, composed as its module composes it: over a real Redis, on a database in memory."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.variants.rivals import aiocache, cashews, fastapi_redis_sdk, naive
from service.adapters.database import DatabaseRepository
from service.adapters.mongo.client import Database
from service.adapters.redis import client as redis_client
from service.config import Settings
from service.domain import (
    CachedValue,
    NewAccount,
    Snapshot,
    Todo,
    TodoPage,
    UserId,
)
from service.layers import Foundation, Layer, Layering
from service.metrics import Metrics
from service.ports import Repository
from tests.fakes import FakeTodos, FakeUsers, new_todo

BOTH = (CachedValue.USER, CachedValue.TODOS)
LAYERINGS: dict[str, Layering] = {
    "naive": naive.layering,
    "cashews": cashews.layering,
    "aiocache": aiocache.layering,
    "fastapi-redis-sdk": fastapi_redis_sdk.layering,
}
# What the libraries call is theirs to renew.
LIBRARIES = [
    pytest.mark.servers,
    pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:`rewrite` deprecated:DeprecationWarning"),
]


class SlowTodos(FakeTodos):
    """Todos of which a page can be held back after it was read."""

    def __init__(self) -> None:
        super().__init__()
        self.held_back: asyncio.Event | None = None
        self.was_read = asyncio.Event()

    async def page(self, user_id: UserId, **how: Any) -> TodoPage:
        page = await super().page(user_id, **how)
        self.was_read.set()
        if self.held_back is not None:
            await self.held_back.wait()
        return page


@dataclass
class RivalSetting:
    """A rival's layer and what it stands between; ``ada`` is the only account."""

    layer: Layer
    deployment: str
    ada: UserId
    users: FakeUsers
    todos: SlowTodos
    outcomes: Mapping[CachedValue, str] = field(default_factory=dict)

    async def read(self) -> Snapshot:
        """Read both cached values; ``outcomes`` tells how each was answered."""
        snapshot = await self.layer.repository.read(self.ada, BOTH)
        self.outcomes = snapshot.outcomes
        return snapshot

    async def body(self) -> str:
        todos = (await self.read()).todos
        assert todos
        return todos.body.decode()

    async def add(self, heading: str) -> Todo:
        """Create a todo through the layer."""
        new = new_todo(heading, "")
        async with self.layer.repository.write(self.ada, CachedValue.TODOS):
            return await self.todos.insert(self.ada, new)

    def hold_back(self) -> None:
        """Hold back every page of todos from now on when it has been read."""
        self.todos.held_back = asyncio.Event()
        self.todos.was_read.clear()

    def let_go(self) -> None:
        assert self.todos.held_back
        self.todos.held_back.set()
        self.todos.held_back = None


@asynccontextmanager
async def open_layer(
    name: str, redis_url: str, deployment: str, plain: Repository
) -> AsyncIterator[Layer]:
    """Yield the layer of a rival over this Redis and repository."""
    settings = Settings.model_validate(
        {"environment": "development", "redis_url": redis_url, "redis_deadline_seconds": 10.0}
    )
    database = cast(Database, SimpleNamespace(name=deployment))
    async with AsyncExitStack() as stack:
        yield await LAYERINGS[name](Foundation(settings, database, plain, Metrics()), stack)


@asynccontextmanager
async def open_setting(name: str, redis_url: str, deployment: str) -> AsyncIterator[RivalSetting]:
    """Yield a rival over this Redis, with one account in the database."""
    users, todos = FakeUsers(), SlowTodos()
    ada = await users.insert(NewAccount("Ada", "ada@example.com", "hash"))
    plain = DatabaseRepository(users, todos)
    async with open_layer(name, redis_url, deployment, plain) as layer:
        yield RivalSetting(layer, deployment, ada.id, users, todos)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine take its time to connect, and naive try again at once."""
    monkeypatch.setattr(redis_client, "CONNECT_DEADLINE_S", 60.0)
    monkeypatch.setattr(redis_client, "COOL_DOWN_S", 0.0)


@pytest.fixture(params=LAYERINGS)
def rival(request: pytest.FixtureRequest) -> str:
    """Name each rival in turn."""
    name: str = request.param
    return name


@pytest.fixture
async def at(rival: str, servers: Stack, database_name: str) -> AsyncIterator[RivalSetting]:
    assert servers.redis
    async with open_setting(rival, servers.redis.url, database_name) as setting:
        yield setting
