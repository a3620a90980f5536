"""One question to a server alone: a GET of Redis, the rate limiter."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import cast

import pytest

from benchmarks.micro.measure import Measure, TimedOperation
from benchmarks.micro.site import PAYLOADS_AND_DELAYS, BenchmarkSite, list_entry
from service.adapters.limiters import MemoryRateLimiter
from service.adapters.redis.client import Breaker, connect
from service.adapters.redis.endpoint import Endpoint
from service.adapters.redis.limiter import RedisRateLimiter
from service.adapters.redis.shared import SharedConnection
from service.limits import Decision, Rule
from service.ports import RateLimiter

Get = Callable[[], Awaitable[bytes | None]]

CLIENTS = ["redis-py", "shared"]
AT_ONCE = 32
DEADLINE_S = 10.0
TTL_S = 600


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("at_once", [1, AT_ONCE])
@pytest.mark.parametrize(("todos", "delay_ms"), PAYLOADS_AND_DELAYS)
def test_get(
    client: str,
    at_once: int,
    todos: int,
    delay_ms: float,
    *,
    measure: Measure,
    site: BenchmarkSite,
    runner: asyncio.Runner,
    cleanup: AsyncExitStack,
) -> None:
    """Get a value one command at a time, or many at once, of which a time per command is given."""
    path, entry = site.paths[delay_ms], list_entry(todos)
    get = runner.run(
        _stored(client, path.url, f"{site.databases['cached']}:{todos}", entry, cleanup)
    )
    concurrency = "one at a time" if at_once == 1 else f"{at_once} at once"
    measure(
        _getting(get, at_once, entry),
        group=f"Redis GET {concurrency}, {todos:3} todos, Redis +{delay_ms:g} ms",
        variant=client,
        reference=client == "redis-py",
        payload_bytes=len(entry),
        redis_delay_ms=delay_ms,
        redis_round_trip_ms=path.round_trip_ms,
    )


def _getting(get: Get, at_once: int, entry: bytes) -> TimedOperation[list[bytes | None]]:
    async def one() -> list[bytes | None]:
        return [await get()]

    async def many() -> list[bytes | None]:
        return await asyncio.gather(*(get() for _ in range(at_once)))

    async def says(values: list[bytes | None]) -> str:
        return "hit" if all(value == entry for value in values) else "another value"

    return TimedOperation(
        run=one if at_once == 1 else many, outcome="hit", says=says, per_round=at_once
    )


async def _stored(client: str, url: str, key: str, entry: bytes, cleanup: AsyncExitStack) -> Get:
    """Store the entry, connect the client, and return how it gets the entry."""
    redis = connect(url, deadline_s=DEADLINE_S)
    cleanup.push_async_callback(redis.aclose)
    await redis.set(key, entry, ex=TTL_S)
    if client == "redis-py":
        return lambda: cast(Awaitable[bytes | None], redis.get(key))
    shared = SharedConnection(Endpoint.from_url(url), lambda _: None)
    cleanup.push_async_callback(shared.aclose)

    async def get() -> bytes | None:
        return cast(bytes | None, await shared.call(("GET", key), deadline_s=DEADLINE_S))

    return get


RULE = Rule("login", limit=5, window_s=3600)
# Asking in memory takes less time than a timer call may.
QUESTIONS = {"redis": 1, "memory": 100}


@pytest.mark.parametrize("variant", ["memory", "redis"])
@pytest.mark.parametrize("outcome", ["admitted", "refused"])
def test_take(
    variant: str,
    outcome: str,
    *,
    measure: Measure,
    site: BenchmarkSite,
    runner: asyncio.Runner,
    cleanup: AsyncExitStack,
) -> None:
    """Ask for keys that were never seen, or for one whose five attempts are used up."""
    limiter = runner.run(_limiter(variant, site, cleanup))
    measure(
        _taking(limiter, outcome, QUESTIONS[variant]),
        group=f"rate limiter, {outcome}",
        variant=variant,
        reference=variant == "memory",
        summary="limiter" if (variant, outcome) == ("redis", "admitted") else None,
    )


async def _limiter(variant: str, site: BenchmarkSite, cleanup: AsyncExitStack) -> RateLimiter:
    if variant == "memory":
        limiter: RateLimiter = MemoryRateLimiter()
    else:
        client = connect(site.redis.url, deadline_s=2.0)
        cleanup.push_async_callback(client.aclose)
        counts = client, Breaker()
        limiter = RedisRateLimiter(lambda _: counts, deployment=lambda: site.databases["cached"])
    for _ in range(RULE.limit):
        await limiter.hit(RULE, "used up")
    return limiter


def _taking(limiter: RateLimiter, outcome: str, questions: int) -> TimedOperation[list[Decision]]:
    numbers = itertools.count()
    keys: list[str] = []

    async def prepare() -> None:
        new = outcome == "admitted"
        keys[:] = [f"new {next(numbers)}" if new else "used up" for _ in range(questions)]

    async def take() -> list[Decision]:
        return [await limiter.hit(RULE, key) for key in keys]

    async def says(decisions: list[Decision]) -> str:
        words = {"admitted" if decision.admitted else "refused" for decision in decisions}
        return " and ".join(sorted(words))

    return TimedOperation(
        run=take, outcome=outcome, says=says, prepare=prepare, per_round=questions
    )
