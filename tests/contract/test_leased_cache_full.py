"""A Redis without memory: what must not fail there does not."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from benchmarks.stack.embedded import start_redis
from benchmarks.stack.server import Server
from service.adapters.redis import client as redis_client
from service.adapters.redis.client import Breaker
from service.adapters.redis.leased import SCHEMA, RedisLeasedCache
from service.adapters.redis.shared import RunBoundConnections, incarnation
from service.coherence.cache import CacheUnavailable, Granted
from service.coherence.fence import Fence, State
from service.domain import CachedValue, UserId
from tests import needs
from tests.contract.cache_setup import PATIENT

pytestmark = pytest.mark.servers
ADA = UserId("a" * 24)
TODOS = (CachedValue.TODOS,)
PREFIX = f"fivefold:d:{SCHEMA}:1:{{{ADA}}}:"
MARKS = f"{PREFIX}writers"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    needs.program("redis-server")
    memory = ["--maxmemory", "64mb", "--maxmemory-policy", "noeviction"]
    server = start_redis(tmp_path_factory.mktemp("full"), extra_args=memory)
    yield server
    server.discard()


@pytest.fixture
async def client(full: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Redis]:
    monkeypatch.setattr(redis_client, "CONNECT_DEADLINE_S", 10.0)
    async with redis_client.connect(full.url, deadline_s=10.0) as client:
        await client.config_set("maxmemory", "64mb")
        await client.flushall()
        yield client


@pytest.fixture
async def fence(client: Redis) -> Fence:
    run_id = incarnation(await client.info())
    return Fence("d", seq=1, state=State.ON, namespace=1, run_id=run_id)


@pytest.fixture
async def cache(full: Server, client: Redis) -> AsyncIterator[RedisLeasedCache]:
    del client
    connections, breaker = RunBoundConnections(full.url), Breaker()
    yield RedisLeasedCache(
        lambda fence, _: (connections.to(fence.run_id), breaker), PATIENT, deadline_s=10.0
    )
    await connections.aclose()


async def run_out_of_memory(client: Redis) -> None:
    await client.config_set("maxmemory", "1")
    with pytest.raises(ResponseError):
        await client.set("more", "x")


async def test_a_writer_still_empties_the_value_marks_it_and_takes_its_mark_away(
    client: Redis, cache: RedisLeasedCache, fence: Fence
) -> None:
    await cache.acquire(fence, ADA, TODOS, "r")
    await cache.fill(fence, ADA, "r", {CachedValue.TODOS: (b"old", 60.0)})
    await run_out_of_memory(client)
    await cache.mark(fence, ADA, TODOS, "w")
    marked = list(await cache.get(fence, ADA, TODOS)), await client.zcard(MARKS)
    await client.config_set("maxmemory", "64mb")
    await client.set(f"{PREFIX}todos", b"Vold")
    await run_out_of_memory(client)
    # There is no room for the trace that a clear leaves.
    await cache.clear(fence, ADA, TODOS, "w")
    cleared = list(await cache.get(fence, ADA, TODOS)), await client.zcard(MARKS)
    await client.config_set("maxmemory", "64mb")
    acquired = await cache.acquire(fence, ADA, TODOS, "r")

    assert (marked, cleared) == (([None], 1), ([None], 0))
    assert isinstance(acquired[CachedValue.TODOS], Granted)


async def test_a_reader_does_not_fill_it_further(
    client: Redis, cache: RedisLeasedCache, fence: Fence
) -> None:
    await cache.acquire(fence, ADA, TODOS, "r")
    await run_out_of_memory(client)
    with suppress(CacheUnavailable):
        await cache.fill(fence, ADA, "r", {CachedValue.TODOS: (b"x" * 100_000, 60.0)})

    assert list(await cache.get(fence, ADA, TODOS)) == [None]
