"""Section C: what the rate limits of the starting document get wrong."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from pymongo.database import Database
from redis import Redis

from benchmarks.stack.server import redis_client
from service.domain import TODO_QUOTA
from tests.defects.conftest import StartRedis
from tests.defects.in_process import NEVER_S, PASSWORD, PEER, ServiceInProcess, Start, eventually
from tests.defects.proxy import SILENT_S, slowed

# Windows that do not end while a busy machine counts.
ON = {"rate_limit_enabled": True, "rate_limit_login": "5/hour", "rate_limit_register": "5/day"}
MESSAGE = {"detail": "Rate limit exceeded. Max 5 requests per 3600 seconds."}
PAUSED_MS = 3_600_000
DAY_MS = 86_400_000


async def empty_logins(http: httpx2.AsyncClient, count: int) -> list[int]:
    """Count against the address only: an empty attempt is turned away after the limit."""
    return [(await http.post("/auth/login", json={})).status_code for _ in range(count)]


async def test_C1_a_limiter_that_waits_for_redis_holds_nobody_up(
    start: Start, redis_server: StartRedis
) -> None:
    redis = redis_server()
    service = await start(redis_url=redis.url, redis_deadline_seconds=0.05, **ON)
    await empty_logins(service.http, 1)
    with redis_client(redis.url) as client:
        client.execute_command("CLIENT", "PAUSE", PAUSED_MS, "ALL")

    async with asyncio.timeout(NEVER_S):
        statuses = await asyncio.gather(
            *(empty_logins(service.http, 1) for _ in range(10)), _healths(service, 100)
        )

    assert statuses[-1] == [200] * 100


async def test_C2_every_counter_ends_by_itself(
    start: Start, shared_redis: Redis, database: Database[dict[str, Any]]
) -> None:
    service = await start(**ON)
    await service.register("ann")
    await service.try_log_in("ann", PASSWORD)
    await service.try_log_in("ann", "a guess")
    await empty_logins(service.http, 8)

    fence = database["cache_fence"].find_one()
    assert fence is not None
    keys = list(shared_redis.scan_iter(f"*{fence['deployment']}:rate:*"))

    assert len(keys) == (3 if service.settings.cache_enabled else 0)
    assert all(0 < int(shared_redis.pttl(key)) <= DAY_MS for key in keys)


async def test_C3_the_limit_holds_in_every_window_and_not_only_between_edges(start: Start) -> None:
    service = await start(**ON | {"rate_limit_login": "3/second"})
    admitted: list[tuple[float, float]] = []
    began = time.monotonic()

    async def attempt() -> None:
        asked = time.monotonic()
        [status] = await empty_logins(service.http, 1)
        if status != 429:
            admitted.append((asked, time.monotonic()))

    await attempt()
    # Two more at the end of the first second, then as many as get through.
    await eventually(lambda: time.monotonic() >= began + 0.8)
    while len(admitted) < 7:
        await attempt()

    for first, fourth in zip(admitted, admitted[3:], strict=False):
        assert fourth[1] - first[0] >= 1.0


async def test_C4_a_stranger_cannot_choose_the_address_that_is_counted(start: Start) -> None:
    service = await start(**ON)
    spoofing = [await service.caller(**{"x-forwarded-for": f"198.51.100.{n}"}) for n in range(6)]
    subscriber = [await service.caller(f"2001:db8:1:2::{n:x}") for n in range(6)]
    neighbor = await service.caller("2001:db8:1:3::1")
    transport = httpx2.ASGITransport(app=service.app, client=None)  # type: ignore[arg-type]
    async with httpx2.AsyncClient(transport=transport, base_url="http://unix.test") as nobody:
        for callers in (spoofing, subscriber, [nobody] * 6):
            statuses = [status for caller in callers for status in await empty_logins(caller, 1)]
            assert statuses == [422] * 5 + [429]

    assert await empty_logins(neighbor, 1) == [422]


async def test_C4_users_behind_a_trusted_proxy_are_counted_one_by_one(start: Start) -> None:
    service = await start(trusted_proxies=f"{PEER}/32,10.0.0.0/8", **ON)
    spoofing = [
        await service.caller(**{"x-forwarded-for": f"192.0.2.{n}, 198.51.100.1, 10.1.1.1"})
        for n in range(6)
    ]
    neighbour = await service.caller(**{"x-forwarded-for": "198.51.100.2, 10.1.1.1"})

    one_client = [status for caller in spoofing for status in await empty_logins(caller, 1)]
    another = await empty_logins(neighbour, 1)

    assert one_client == [422] * 5 + [429]
    assert another == [422]


async def test_C5_guesses_are_limited_by_account_and_logging_in_often_locks_nobody_out(
    start: Start,
) -> None:
    service = await start(**ON)
    await service.register("ann")
    await service.register("bob")
    callers = [await service.caller(f"198.51.100.{n}") for n in range(12)]
    guess = {"email": "ann@example.org", "password": "a guess"}
    attempt = {"email": "bob@example.org", "password": PASSWORD}

    guesses = [await caller.post("/auth/login", json=guess) for caller in callers]
    logins = [await caller.post("/auth/login", json=attempt) for caller in callers]

    assert [answer.status_code for answer in guesses] == [401] * 5 + [429] * 7
    assert guesses[-1].json() == MESSAGE
    assert [login.status_code for login in logins] == [200] * 12


@pytest.mark.parametrize("fault", ["kill", "pause"])
async def test_C6_without_redis_the_limit_still_holds(
    start: Start, redis_server: StartRedis, fault: str
) -> None:
    redis = redis_server()
    service = await start(redis_url=redis.url, redis_deadline_seconds=0.05, **ON)
    assert redis.process is not None
    redis.process.kill() if fault == "kill" else redis.process.pause()

    statuses = await empty_logins(service.http, 20)

    assert statuses == [422] * 5 + [429] * 15


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

    admitted = [await service.http.post("/auth/login", json={}) for _ in range(5)]
    refusal = await service.http.post(
        "/auth/login", content=hundred_megabytes(), headers={"content-type": "application/json"}
    )
    wait_s = int(refusal.headers["retry-after"])

    assert (refusal.status_code, refusal.json()) == (429, MESSAGE)
    assert chunks_read == 0
    assert 0 < wait_s <= 3600
    assert refusal.headers["ratelimit-policy"] == '"login";q=5;w=3600'
    assert refusal.headers["ratelimit"] == f'"login";r=0;t={wait_s}'
    assert [answer.headers["ratelimit"] for answer in admitted] == [
        f'"login";r={left};t=0' for left in (4, 3, 2, 1, 0)
    ]


async def test_C9_a_call_that_timed_out_is_counted_once(
    start: Start, redis_server: StartRedis
) -> None:
    redis = redis_server()
    with redis_client(redis.url) as client:
        async with slowed(redis.url, 0.0) as proxy:
            service = await start(redis_url=proxy.url, redis_deadline_seconds=1.0, **ON)
            await service.register("ann")

            proxy.delay_s = SILENT_S
            attempt = asyncio.create_task(empty_logins(service.http, 1))
            await eventually(lambda: attempt.done() or (_counted(client) > 0 and proxy.held > 0))
            # Whoever tries again does so on a server that answers.
            proxy.delay_s = 0.0
            statuses = await attempt
            counted = _counted(client)

    assert statuses == [422]
    assert counted <= 1


async def test_C10_a_user_can_have_only_so_many_todos(
    service: ServiceInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.adapters.mongo.todos.TODO_QUOTA", 3)
    ann, bob = await service.sign_up("ann"), await service.sign_up("bob")

    new = {"heading": "one more", "task": ""}
    answers = [await ann.http.post("/todo/", json=new) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 409]
    assert (await bob.http.post("/todo/", json=new)).status_code == 201
    assert TODO_QUOTA == 10_000


async def _healths(service: ServiceInProcess, count: int) -> list[int]:
    return [(await service.http.get("/healthz")).status_code for _ in range(count)]


def _counted(client: Redis) -> int:
    """Return how many logins Redis has counted."""
    return sum(int(client.zcard(key)) for key in client.scan_iter("*:rate:login:*"))
