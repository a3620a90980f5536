"""What every ``RateLimiter`` promises."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from redis.asyncio import Redis

from benchmarks.stack.embedded import Stack
from benchmarks.stack.proxy import start_proxy
from benchmarks.stack.relay import RelayMode
from service.adapters.limiters import MemoryRateLimiter
from service.adapters.redis.client import MAX_CONNECTIONS, Breaker, RedisUnavailable, connect
from service.adapters.redis.limiter import RedisRateLimiter
from service.domain import Rule
from service.ports import RateLimiter
from tests.contract.cache_setup import CLUSTER, REDIS, open_cluster
from tests.redis_cluster import OwnCluster

# Windows that do not end while a busy machine counts.
LOGIN = Rule("login", 5, 3600)
REGISTER = Rule("register", 3, 86_400)

# Some wait for a connection.
MANY = MAX_CONNECTIONS + 10


def over(redis: Redis, deployment: str) -> RedisRateLimiter:
    """Return the limiter of a process over one server."""
    counts = redis, Breaker()
    return RedisRateLimiter(lambda _: counts, deployment=lambda: deployment)


@pytest.fixture
async def cluster_limiter(
    calm_cluster: OwnCluster, database_name: str
) -> AsyncIterator[RedisRateLimiter]:
    async with open_cluster(calm_cluster.url) as shards:
        yield RedisRateLimiter(shards.counts_of, deployment=lambda: database_name)


@pytest.fixture(params=["memory", REDIS, CLUSTER])
def limiter(request: pytest.FixtureRequest) -> RateLimiter:
    if request.param == "memory":
        return MemoryRateLimiter()
    if request.param == "redis cluster":
        return cast(RateLimiter, request.getfixturevalue("cluster_limiter"))
    return over(request.getfixturevalue("redis"), request.getfixturevalue("database_name"))


async def test_of_many_at_once_exactly_the_limit_is_admitted(limiter: RateLimiter) -> None:
    decisions = await asyncio.gather(*(limiter.hit(LOGIN, "ada") for _ in range(MANY)))
    admitted = [decision for decision in decisions if decision.admitted]

    assert len(admitted) == LOGIN.limit
    assert len({decision.ticket for decision in admitted}) == LOGIN.limit
    assert sorted(decision.remaining for decision in admitted) == [0, 1, 2, 3, 4]


async def test_a_refusal_says_when_to_come_back_and_cannot_be_given_back(
    limiter: RateLimiter,
) -> None:
    *admitted, refused = [await limiter.hit(LOGIN, "ada") for _ in range(6)]
    await limiter.refund("ada", refused)

    assert (refused.admitted, refused.remaining, refused.rule) == (False, 0, LOGIN)
    assert all(0 < each.free_in_s <= LOGIN.window_s for each in (*admitted, refused))
    assert not (await limiter.hit(LOGIN, "ada")).admitted


async def test_keys_and_rules_are_counted_apart(limiter: RateLimiter) -> None:
    first, *_ = [await limiter.hit(LOGIN, "ada") for _ in range(6)]
    await limiter.refund("bob", first)
    registered = await limiter.hit(REGISTER, "ada")

    assert (await limiter.hit(LOGIN, "bob")).remaining == 4
    assert not (await limiter.hit(LOGIN, "ada")).admitted
    assert (registered.remaining, registered.rule) == (2, REGISTER)


async def test_a_place_given_back_once_or_twice_can_be_taken_once(limiter: RateLimiter) -> None:
    decisions = [await limiter.hit(LOGIN, "ada") for _ in range(5)]
    for _ in range(2):
        await limiter.refund("ada", decisions[2])

    assert (await limiter.hit(LOGIN, "ada")).admitted
    assert not (await limiter.hit(LOGIN, "ada")).admitted


@pytest.mark.servers
async def test_the_window_slides_in_redis(redis: Redis, database_name: str) -> None:
    limiter = over(redis, database_name)
    key = f"fivefold:{database_name}:rate:login:{{ada}}"
    first = await limiter.hit(LOGIN, "ada")
    await age(redis, key, first.ticket, seconds=3000)
    for _ in range(4):
        await limiter.hit(LOGIN, "ada")
    refused = await limiter.hit(LOGIN, "ada")
    await age(redis, key, first.ticket, seconds=600)
    after = [await limiter.hit(LOGIN, "ada") for _ in range(2)]

    assert not refused.admitted
    assert refused.free_in_s <= 600
    assert [decision.admitted for decision in after] == [True, False]


@pytest.mark.servers
async def test_what_was_counted_before_the_clock_of_redis_was_set_back_is_forgotten(
    redis: Redis, database_name: str
) -> None:
    limiter = over(redis, database_name)
    key = f"fivefold:{database_name}:rate:login:{{ada}}"
    for decision in [await limiter.hit(LOGIN, "ada") for _ in range(5)]:
        await age(redis, key, decision.ticket, seconds=-7200)
    after = [await limiter.hit(LOGIN, "ada") for _ in range(6)]

    assert [decision.admitted for decision in after] == [True] * 5 + [False]
    assert 0 < after[-1].free_in_s <= LOGIN.window_s


@pytest.mark.servers
async def test_processes_share_the_count_in_redis_which_forgets_it_after_its_window(
    redis: Redis, database_name: str
) -> None:
    processes = [over(redis, database_name) for _ in range(2)]
    hits = (processes[number % 2].hit(LOGIN, "ada") for number in range(20))
    decisions = await asyncio.gather(*hits)
    left_ms = await redis.pttl(f"fivefold:{database_name}:rate:login:{{ada}}")

    assert sum(decision.admitted for decision in decisions) == LOGIN.limit
    assert 0 < left_ms <= 3_600_000


@pytest.mark.servers
async def test_a_call_whose_answer_is_lost_is_counted_once(
    servers: Stack, redis: Redis, database_name: str, tmp_path: Path
) -> None:
    assert servers.redis is not None
    with start_proxy(servers.redis.url, log=tmp_path / "proxy.log") as proxy:
        async with connect(proxy.url, deadline_s=1.0) as client:
            limiter = over(client, database_name)
            await limiter.hit(LOGIN, "bob")
            proxy.switch(RelayMode.DROP_REPLIES)
            with pytest.raises(RedisUnavailable):
                await limiter.hit(LOGIN, "ada")

    assert await redis.zcard(f"fivefold:{database_name}:rate:login:{{ada}}") <= 1


async def age(redis: Redis, key: str, ticket: str, *, seconds: int) -> None:
    await redis.zincrby(key, -seconds * 1_000_000, ticket)
