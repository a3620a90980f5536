"""Section C: what the rate limits of the tutorial get wrong."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pymongo.database import Database
from redis import Redis

from benchmarks.stack.proxy import start_proxy
from benchmarks.stack.relay import RelayMode
from benchmarks.stack.server import redis_client
from tests.defects.conftest import StartRedis
from tests.defects.in_process import Start, eventually

# Windows that do not end while a busy machine counts.
ON = {"rate_limit_enabled": True, "rate_limit_login": "5/hour", "rate_limit_register": "5/day"}
MESSAGE = {"detail": "Rate limit exceeded. Max 5 requests per 3600 seconds."}
GUESS = {"email": "nobody@example.org", "password": "a guess"}
PAUSED_MS = 3_600_000
DAY_MS = 86_400_000


async def guesses(http: httpx2.AsyncClient, count: int) -> list[int]:
    return [(await http.post("/auth/login", json=GUESS)).status_code for _ in range(count)]


async def test_A26_C2_every_counter_ends_by_itself_and_its_key_tells_no_name(
    start: Start, shared_redis: Redis, database: Database[dict[str, Any]]
) -> None:
    service = await start(**ON)
    ann_id = await service.register("ann")
    await service.try_log_in("ann", "a guess")
    await guesses(service.http, 8)

    fence = database["cache_fence"].find_one()
    assert fence is not None
    keys = list(shared_redis.scan_iter(f"*{fence['deployment']}:rate:*"))

    assert len(keys) == (4 if service.settings.cache_enabled else 0)
    assert all(0 < int(shared_redis.pttl(key)) <= DAY_MS for key in keys)
    told = b" ".join(keys).decode()
    assert [word for word in (ann_id, "ann", "example.org") if word in told] == []


@pytest.mark.parametrize("fault", ["kill", "pause"])
async def test_C6_without_redis_the_limit_still_holds(
    start: Start, redis_server: StartRedis, fault: str
) -> None:
    redis = redis_server()
    service = await start(redis_url=redis.url, redis_deadline_seconds=0.05, **ON)
    assert redis.process is not None
    redis.process.kill() if fault == "kill" else redis.process.pause()

    statuses = await guesses(service.http, 20)

    assert statuses == [401] * 5 + [429] * 15


async def test_C7_C8_a_refusal_says_when_to_come_back_and_the_body_is_not_read(
    start: Start,
) -> None:
    service = await start(**ON)
    chunks_read = 0

    async def hundred_megabytes() -> AsyncIterator[bytes]:
        nonlocal chunks_read
        for _ in range(100):
            chunks_read += 1
            yield b"x" * 1_000_000

    admitted = [await service.http.post("/auth/login", json=GUESS) for _ in range(5)]
    refusal = await service.http.post(
        "/auth/login", content=hundred_megabytes(), headers={"content-type": "application/json"}
    )
    wait_s = int(refusal.headers["retry-after"])

    assert (refusal.status_code, refusal.json()) == (429, MESSAGE)
    assert chunks_read == 0
    assert 0 < wait_s <= 3600
    assert refusal.headers["ratelimit-policy"] == '"login";q=5;w=3600'
    assert refusal.headers["ratelimit"] == f'"login";r=0;t={wait_s}'
    for answer, left in zip(admitted, (4, 3, 2, 1, 0), strict=True):
        said = re.fullmatch(r'"login";r=(\d);t=(\d+)', answer.headers["ratelimit"])
        assert said is not None
        assert int(said[1]) == left
        assert wait_s <= int(said[2]) <= 3600


async def test_C9_a_call_that_timed_out_is_counted_once(
    start: Start, redis_server: StartRedis, tmp_path: Path
) -> None:
    redis = redis_server()
    with (
        redis_client(redis.url) as client,
        start_proxy(redis.url, log=tmp_path / "proxy.log") as proxy,
    ):
        service = await start(redis_url=proxy.url, redis_deadline_seconds=1.0, **ON)
        await service.register("ann")

        proxy.switch(RelayMode.DROP_REPLIES)
        attempt = asyncio.create_task(guesses(service.http, 1))
        await eventually(
            lambda: attempt.done() or (_counted(client) > 0 and proxy.state().dropped_bytes > 0)
        )
        # A client that tries again reaches a server that answers.
        proxy.switch(RelayMode.NORMAL)
        statuses = await attempt
        counted = _counted(client)

    assert statuses == [401]
    assert counted <= 1


def _counted(client: Redis) -> int:
    """Return how many logins Redis has counted of the address."""
    keys = client.scan_iter("*:rate:login:*")
    return sum(int(client.zcard(key)) for key in keys if b"account:" not in key)
