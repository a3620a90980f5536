"""A leased cache on its setup: with a fence to use it, and a way to put garbage into it."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from redis.asyncio import Redis

from service.adapters.redis.client import Breaker
from service.adapters.redis.cluster.shards import Shards, open_shards
from service.adapters.redis.leased import RedisLeasedCache, _prefix
from service.adapters.redis.shared import Memory, Node
from service.coherence.cache import LeasedCache
from service.coherence.fence import Fence, State
from service.coherence.lease import Timing
from service.domain import CachedValue, UserId
from service.redis_url import read_redis_url
from tests.fakes_coherence import RUN, FakeLeasedCache

# The implementations that need a server, as parameters of a fixture.
MONGODB = pytest.param("mongodb", marks=pytest.mark.servers)
REDIS = pytest.param("redis", marks=pytest.mark.servers)
CLUSTER = pytest.param("redis cluster", marks=pytest.mark.servers)

ADA = UserId("a" * 24)
TODOS = (CachedValue.TODOS,)
FENCE = Fence("fake", seq=1, state=State.ON, namespace=1, run_id=RUN)
BRIEF = Timing(write_deadline_s=0.05, fill_s=0.05)
# Nothing that is held on a busy machine ends before it is looked at.
PATIENT = Timing(write_deadline_s=300.0, fill_s=600.0)


@dataclass
class CacheSetup:
    """A leased cache, the fence to use it with, and a way to put garbage into it.

    ``brief`` is a cache on the same keys whose tokens and marks end soon. ``put`` puts bytes into
    Ada's todos slot as they are, or, for None, a key of another type.
    """

    cache: LeasedCache
    brief: LeasedCache
    fence: Fence
    put: Callable[[bytes | None], Awaitable[None]]

    async def fill(self, value: bytes, *, token: str = "filler", ttl_s: float = 60.0) -> None:
        """Acquire Ada's todos slot and fill it."""
        await self.cache.acquire(self.fence, ADA, TODOS, token)
        await self.cache.fill(self.fence, ADA, token, {CachedValue.TODOS: (value, ttl_s)})

    async def todos(self) -> bytes | None:
        return (await self.cache.get(self.fence, ADA, TODOS))[0]


def fake_cache_setup() -> CacheSetup:
    """Return a cache in this process, in real time as the real ones are."""
    fake = FakeLeasedCache(time.monotonic, PATIENT)

    async def put(held: bytes | None) -> None:
        fake.put(FENCE, ADA, CachedValue.TODOS, held)

    return CacheSetup(fake, FakeLeasedCache(time.monotonic, BRIEF, fake.memory), FENCE, put)


def _real(memory_of: Callable[[Fence, UserId], Memory], fence: Fence, client: Redis) -> CacheSetup:
    """Return a cache of real memories, with patience for a busy machine."""

    async def put(held: bytes | None) -> None:
        key = _prefix(fence, ADA) + CachedValue.TODOS
        await client.delete(key)
        done: Any = client.rpush(key, "x") if held is None else client.set(key, held)
        await done

    return CacheSetup(
        RedisLeasedCache(memory_of, PATIENT, deadline_s=10.0),
        RedisLeasedCache(memory_of, BRIEF, deadline_s=10.0),
        fence,
        put,
    )


@asynccontextmanager
async def open_redis_cache(url: str, client: Redis, deployment: str) -> AsyncIterator[CacheSetup]:
    """Yield a cache on a real server."""
    node = Node(url, Breaker(), deadline_s=10.0)
    try:
        fence = replace(FENCE, deployment=deployment, run_id=await node.refresh())
        yield _real(node.memory_of, fence, client)
    finally:
        await node.aclose()


@asynccontextmanager
async def open_cluster(url: str, *, deadline_s: float = 10.0) -> AsyncIterator[Shards]:
    """Yield the primaries behind a URL, seen once, with patience for a busy machine."""
    shards = open_shards(read_redis_url(url), deadline_s=deadline_s, breaker=lambda _: Breaker())
    try:
        await shards.refresh()
        yield shards
    finally:
        await shards.aclose()


@asynccontextmanager
async def open_cluster_cache(url: str, deployment: str) -> AsyncIterator[CacheSetup]:
    """Yield a cache on a real cluster."""
    async with open_cluster(url) as shards:
        fence = replace(FENCE, deployment=deployment, run_id=shards.newest.name)
        yield _real(shards.memory_of, fence, shards.newest.holder(ADA.encode()).node.client)
