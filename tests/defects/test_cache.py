"""Section A: what the cache of the tutorial gets wrong on real servers."""

import asyncio
import gc
import random
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pymongo.database import Database
from redis import Redis

from benchmarks.stack.embedded import Stack
from benchmarks.stack.proxy import start_proxy
from benchmarks.stack.relay import RelayMode
from tests.defects.conftest import Configured, StartRedis, cached_only
from tests.defects.in_process import ServiceInProcess, Start, UserInProcess, start_service

CANCELS = 100


async def test_A8_an_old_user_document_without_a_name_is_served(
    service: ServiceInProcess, database: Database[dict[str, Any]]
) -> None:
    ann = await service.sign_up("ann")
    database["users"].update_one({}, {"$unset": {"name": 1, "created_at": 1, "revoked_tokens": 1}})

    profiles = [await ann.http.get("/auth/me") for _ in range(2)]
    headings = await ann.headings()

    assert [profile.status_code for profile in profiles] == [200, 200]
    assert profiles[0].json() == profiles[1].json()
    assert headings == []


async def test_A10_a_redis_that_refuses_every_write_fails_no_request(
    start: Start, redis_server: StartRedis
) -> None:
    full = redis_server("--maxmemory", "1", "--maxmemory-policy", "noeviction")
    service = await start(redis_url=full.url, rate_limit_enabled=True, cache_lease_seconds=1.0)
    ann = await service.sign_up("ann")

    before = await ann.headings()
    await ann.write("one")
    after = await ann.headings()

    assert (before, after) == ([], ["one"])


async def test_A12_a_stored_todo_that_cannot_be_read_is_left_out_and_counted(
    service: ServiceInProcess, database: Database[dict[str, Any]]
) -> None:
    ann = await service.sign_up("ann")
    for heading in ("good", "a date as text", "no task", "also good"):
        await ann.write(heading)
    todos = database["todos"]
    todos.update_one({"heading": "a date as text"}, {"$set": {"completion_time": "2026-01-02"}})
    todos.update_one({"heading": "no task"}, {"$unset": {"task": 1}})

    headings = await ann.headings()
    metrics = (await service.http.get("/metrics")).text

    assert headings == ["good", "also good"]
    assert 'fivefold_events_total{event="document_skipped"} 2.0' in metrics


@cached_only
async def test_A17_A26_entries_end_by_themselves_and_nothing_stays_of_a_deleted_account(
    start: Start, shared_redis: Redis
) -> None:
    ann = await (await start(user_ttl_seconds=7_200, todos_ttl_seconds=72_000)).sign_up("ann")
    await ann.write("a secret plan")
    await ann.read_until_hit()

    [user_s], [todos_s] = (
        [shared_redis.ttl(key) for key in shared_redis.scan_iter(f"*{ann.id}*:{kind}")]
        for kind in ("user", "todos")
    )
    deleted = await ann.http.delete("/auth/me")
    left = [shared_redis.get(key) for key in shared_redis.scan_iter(f"*{ann.id}*")]

    assert 0.89 < int(user_s) / 7_200 <= 1.1
    assert 0.89 < int(todos_s) / 72_000 <= 1.1
    assert deleted.json() == {"msg": "Account deleted successfully"}
    assert left == [b"X"] * 2, "the traces of the invalidation"


# PyMongo leaves the socket of a cancelled connect to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_A25_cancelled_requests_never_hand_their_reply_to_somebody_else(
    servers: Stack, configured: Configured, tmp_path: Path
) -> None:
    assert servers.redis is not None
    chance = random.Random(25)
    answered: list[tuple[UserInProcess, httpx2.Response]] = []
    cancelled: list[UserInProcess] = []

    async def ask(user: UserInProcess) -> None:
        patience_s = None if chance.random() < 0.2 else chance.uniform(0.0, 0.03)
        try:
            async with asyncio.timeout(patience_s):
                answer = await user.http.get(chance.choice(["/todo/", "/auth/me"]))
        except TimeoutError:
            cancelled.append(user)
        else:
            answered.append((user, answer))

    async with AsyncExitStack() as exits:
        mongo, redis = (
            exits.enter_context(start_proxy(server.url, log=tmp_path / f"{number}.log"))
            for number, server in enumerate((servers.mongo, servers.redis))
        )
        for proxy in (mongo, redis):
            proxy.switch(RelayMode.DELAY, delay_ms=1.0)
        settings = configured(mongodb_url=mongo.url, redis_url=redis.url, user_ttl_seconds=1)
        service = await start_service(exits, settings)
        users = [await service.sign_up(name) for name in ("ann", "bob", "cy")]
        for user in users:
            await user.write(user.email)
        while len(cancelled) < CANCELS or len(answered) < CANCELS // 5:
            await asyncio.gather(*(ask(user) for user in users * 6))
        calm = [await user.headings() for user in users]
    gc.collect()

    assert calm == [[user.email] for user in users]
    for user, answer in answered:
        body = answer.json()
        assert answer.status_code == 200
        assert (body[0]["heading"] if isinstance(body, list) else body["email"]) == user.email
