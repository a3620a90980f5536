"""What every ``EntryCache`` promises, and what Redis adds."""

import time
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis

from benchmarks.variants.rivals.naive import (
    EntryCache,
    NaiveCacheUnavailable,
    RedisEntries,
    entry_key,
)
from service.adapters.redis.client import Breaker
from service.domain import CachedValue, UserId
from tests.contract.marks import REDIS
from tests.fakes_cache import FakeEntries

ADA, BOB = UserId("a" * 24), UserId("b" * 24)
BOTH = (CachedValue.USER, CachedValue.TODOS)
ANY_BYTES = bytes(range(256))


@dataclass
class RedisCache:
    """The slots over one Redis."""

    client: Redis
    deployment: str

    def slots(self, deployment: str | None = None) -> RedisEntries:
        deployment = deployment or self.deployment
        return RedisEntries(self.client, Breaker(), deployment=deployment)


def redis_cache(request: pytest.FixtureRequest) -> RedisCache:
    # A server is shared by many tests, a fakeredis is new for each.
    shared = request.param == "redis"
    name = request.getfixturevalue("database_name") if shared else "test"
    return RedisCache(request.getfixturevalue(request.param), name)


@pytest.fixture(params=["fakeredis", REDIS])
def cache(request: pytest.FixtureRequest) -> RedisCache:
    return redis_cache(request)


@pytest.fixture(params=["fake", "fakeredis", REDIS])
def slots(request: pytest.FixtureRequest) -> EntryCache:
    if request.param == "fake":
        return FakeEntries()
    return redis_cache(request).slots()


@pytest.fixture(params=["fake", "stopped_redis"])
def stopped(request: pytest.FixtureRequest) -> EntryCache:
    """Return slots whose server is gone."""
    if request.param == "fake":
        fake = FakeEntries()
        fake.down = True
        return fake
    return RedisCache(request.getfixturevalue(request.param), "test").slots()


async def test_an_entry_is_got_as_it_was_put_last_in_the_order_asked_for(slots: EntryCache) -> None:
    before = list(await slots.get(ADA, BOTH))
    await slots.put(ADA, CachedValue.USER, b"old", ttl_s=60)
    await slots.put(ADA, CachedValue.USER, b"new", ttl_s=60)
    await slots.put(ADA, CachedValue.TODOS, ANY_BYTES, ttl_s=60)

    assert before == [None, None]
    assert list(await slots.get(ADA, BOTH)) == [b"new", ANY_BYTES]
    assert list(await slots.get(ADA, BOTH[::-1])) == [ANY_BYTES, b"new"]


async def test_only_the_named_values_of_one_user_are_dropped(slots: EntryCache) -> None:
    await slots.drop(ADA, BOTH)
    await slots.put(ADA, CachedValue.USER, b"ada", ttl_s=60)
    await slots.put(ADA, CachedValue.TODOS, b"todos", ttl_s=60)
    await slots.put(BOB, CachedValue.USER, b"bob", ttl_s=60)
    await slots.drop(BOB, BOTH)
    await slots.drop(ADA, (CachedValue.TODOS,))

    assert list(await slots.get(ADA, BOTH)) == [b"ada", None]
    assert list(await slots.get(BOB, BOTH)) == [None, None]


async def test_an_entry_ends_after_its_ttl(slots: EntryCache) -> None:
    await slots.put(ADA, CachedValue.USER, b"short", ttl_s=0.005)
    await slots.put(ADA, CachedValue.TODOS, b"long", ttl_s=60)
    deadline_s = time.monotonic() + 10
    while (entries := list(await slots.get(ADA, BOTH)))[0] is not None:
        assert time.monotonic() < deadline_s

    assert entries == [None, b"long"]


async def test_a_stopped_server_is_cache_unavailable(stopped: EntryCache) -> None:
    with pytest.raises(NaiveCacheUnavailable):
        await stopped.get(ADA, BOTH)
    with pytest.raises(NaiveCacheUnavailable):
        await stopped.put(ADA, CachedValue.USER, b"entry", ttl_s=60)
    with pytest.raises(NaiveCacheUnavailable):
        await stopped.drop(ADA, BOTH)


async def test_a_key_tells_deployment_schema_user_and_value(cache: RedisCache) -> None:
    await cache.slots().put(ADA, CachedValue.USER, b"ours", ttl_s=60)
    await cache.client.rpush(entry_key(cache.deployment, ADA, CachedValue.TODOS), "a list")

    assert entry_key("shop", ADA, CachedValue.TODOS) == f"naive:shop:1:{{{ADA}}}:todos"
    assert list(await cache.slots("other").get(ADA, BOTH)) == [None, None]
    # A key of another type reads as absent.
    assert list(await cache.slots().get(ADA, BOTH)) == [b"ours", None]


async def test_redis_is_told_the_ttl_in_milliseconds_and_refuses_no_tiny_one(
    cache: RedisCache,
) -> None:
    left_ms = []
    for ttl_s in (33_000.25, 0.0, 0.0001):
        await cache.slots().put(ADA, CachedValue.USER, b"entry", ttl_s=ttl_s)
        left_ms.append(await cache.client.pttl(entry_key(cache.deployment, ADA, CachedValue.USER)))

    assert 30_000_000 < left_ms[0] <= 33_000_250
    assert set(left_ms[1:]) <= {-2, 0, 1}
