"""The implementations that share a contract; each fixture runs a test over all of its own."""

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from pymongo import AsyncMongoClient
from redis.asyncio import Redis

from benchmarks.stack.embedded import Stack
from service.adapters.mongo import client as mongo_client
from service.adapters.mongo.client import Database, Document, Indexes
from service.adapters.mongo.todos import MongoTodos
from service.adapters.mongo.users import MongoUsers
from service.adapters.redis import client as redis_client
from service.ports import Todos, Users
from tests.contract.cache_setup import MONGODB, CacheSetup, open_cluster_cache, open_redis_cache
from tests.fakes import FakeTodos, FakeUsers
from tests.redis_cluster import OwnCluster


@dataclass
class Store:
    """A database, fake or real."""

    users: Users
    todos: Todos
    left_out: list[str] = field(default_factory=list)


@pytest.fixture
async def mongo(servers: Stack) -> AsyncIterator[AsyncMongoClient[Document]]:
    """Connect as the service does, but with patience for a busy machine."""
    async with mongo_client.connect(servers.mongo.url, deadline_s=60.0) as client:
        yield client


@pytest.fixture
def database(mongo: AsyncMongoClient[Document], database_name: str) -> Database:
    """Return a database of this test's own."""
    return mongo[database_name]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine take its time to accept a connection."""
    monkeypatch.setattr(redis_client, "CONNECT_DEADLINE_S", 10.0)


@pytest.fixture
async def redis(servers: Stack) -> AsyncIterator[Redis]:
    """Connect as the service does, but with patience for a busy machine."""
    assert servers.redis is not None
    async with redis_client.connect(servers.redis.url, deadline_s=10.0) as client:
        yield client


@pytest.fixture
async def redis_cache_setup(
    servers: Stack, redis: Redis, database_name: str
) -> AsyncIterator[CacheSetup]:
    """Return a leased cache on one server."""
    assert servers.redis is not None
    async with open_redis_cache(servers.redis.url, redis, database_name) as setup:
        yield setup


@pytest.fixture
async def cluster_cache_setup(calm_cluster: OwnCluster) -> AsyncIterator[CacheSetup]:
    """Return a leased cache on a cluster."""
    async with open_cluster_cache(calm_cluster.url, uuid.uuid4().hex) as setup:
        yield setup


@pytest.fixture
async def closed_database(tmp_path: Path) -> AsyncIterator[Database]:
    """Return a database where nobody listens, with little patience.

    A Unix socket, because an attempt to reach it cannot be cut off half-way, which would leave an
    open socket behind.
    """
    path = quote(str(tmp_path / "nobody.sock"), safe="")
    async with mongo_client.connect(f"mongodb://{path}/", deadline_s=0.05) as client:
        yield client["test"]


@pytest.fixture(params=["fake", MONGODB])
def store(request: pytest.FixtureRequest) -> Store:
    """Return the users and todos of each implementation."""
    if request.param == "fake":
        return Store(FakeUsers(), FakeTodos())
    return mongo_store(request.getfixturevalue("database"))


def mongo_store(database: Database) -> Store:
    """Return the users and todos of a process."""
    indexes = Indexes(database)
    left_out: list[str] = []
    todos = MongoTodos(database, indexes, on_bad_document=left_out.append)
    return Store(MongoUsers(database, indexes), todos, left_out)


@pytest.fixture
def users(store: Store) -> Users:
    return store.users


@pytest.fixture
def todos(store: Store) -> Todos:
    return store.todos


@pytest.fixture
def shrink(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Return a function that makes a limit of the domain small enough to reach."""

    def shrink(name: str, value: int) -> None:
        monkeypatch.setattr(f"service.adapters.mongo.todos.{name}", value)
        monkeypatch.setattr(f"tests.fakes.{name}", value, raising=False)

    return shrink
