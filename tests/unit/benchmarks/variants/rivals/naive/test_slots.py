from collections.abc import AsyncIterator

import pytest
from fakeredis import FakeAsyncRedis, FakeServer

from benchmarks.variants.rivals.naive.repository import NaiveCacheUnavailable
from benchmarks.variants.rivals.naive.slots import RedisSlots
from service.adapters.redis.client import COOL_DOWN_S, FAILURES, Breaker
from service.domain import CachedValue, UserId
from tests.fakes import ManualClock

ADA = UserId("a" * 24)
BOTH = (CachedValue.USER, CachedValue.TODOS)


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slots(server: FakeServer, clock: ManualClock) -> AsyncIterator[RedisSlots]:
    async with FakeAsyncRedis(server=server) as client:
        yield RedisSlots(client, Breaker(clock=clock), deployment="test")


async def lose(slots: RedisSlots, server: FakeServer) -> None:
    """Let Redis go away, and the slots notice that it is no hiccup."""
    server.connected = False
    for _ in range(FAILURES):
        with pytest.raises(NaiveCacheUnavailable):
            await slots.get(ADA, BOTH)


async def test_after_an_outage_reads_wait_for_the_cool_down(
    slots: RedisSlots, server: FakeServer, clock: ManualClock
) -> None:
    await slots.put(ADA, CachedValue.USER, b"entry", ttl_s=60)
    await lose(slots, server)
    server.connected = True
    with pytest.raises(NaiveCacheUnavailable):
        await slots.get(ADA, BOTH)
    with pytest.raises(NaiveCacheUnavailable):
        await slots.put(ADA, CachedValue.USER, b"newer", ttl_s=60)
    clock.advance(COOL_DOWN_S)

    assert await slots.get(ADA, BOTH) == [b"entry", None]


async def test_a_deletion_is_tried_although_redis_is_thought_to_be_down(
    slots: RedisSlots, server: FakeServer
) -> None:
    await slots.put(ADA, CachedValue.USER, b"stale", ttl_s=60)
    await lose(slots, server)
    server.connected = True
    await slots.drop(ADA, BOTH)

    assert await slots.get(ADA, BOTH) == [None, None]
