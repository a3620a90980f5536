"""A GET of a list entry: the service's shared connection beside redis-py's own client."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import cast

import pytest

from benchmarks.micro.entries import list_entry
from benchmarks.micro.measure import Measure, TimedOperation
from benchmarks.micro.site import BenchmarkSite
from service.adapters.redis.client import connect
from service.adapters.redis.endpoint import Endpoint
from service.adapters.redis.shared import SharedConnection

Get = Callable[[], Awaitable[bytes | None]]

CLIENTS = ["redis-py", "shared"]
PAYLOADS_AND_DELAYS = [(1, 0.0), (20, 0.0), (200, 0.0), (20, 0.5), (20, 2.0)]
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
