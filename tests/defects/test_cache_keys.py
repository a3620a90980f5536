"""Section A, the rest: who shares a Redis, who else writes, and what stays behind."""

import asyncio
import gc
import random
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import httpx2
import pytest
from pymongo.database import Database
from redis import Redis

from benchmarks.stack.embedded import Stack
from tests.defects.conftest import Configured
from tests.defects.in_process import (
    PASSWORD,
    ServiceInProcess,
    Start,
    UserInProcess,
    forge,
    start_service,
)
from tests.defects.proxy import slowed

CANCELS = 100


async def test_A21_two_deployments_share_a_redis_without_sharing_values(
    start: Start, database: Database[dict[str, Any]]
) -> None:
    here = await (await start()).sign_up("ann")
    await here.write("here")
    with _second_database(database) as other:
        other["users"].insert_many(database["users"].find())
        service = await start(mongodb_database=other.name)
        there = await service.signed_in(here.id, "ann", here.token)

        lists = [await user.headings() for user in (here, there, here, there)]

    assert lists == [["here"], [], ["here"], []]


async def test_A21_A22_a_subject_that_is_no_id_or_is_missing_reaches_no_key(
    service: ServiceInProcess, database: Database[dict[str, Any]], shared_redis: Redis
) -> None:
    ann = await service.sign_up("ann")
    await ann.headings()
    subject = f"{ann.id}:todos"
    tokens = [forge(ann.token, sub=subject), *(2 * [forge(ann.token, without="sub")])]

    answers = [await service.list_with(token) for token in tokens]

    assert [answer.status_code for answer in answers] == [401] * 3
    assert list(shared_redis.scan_iter(f"*{subject}*")) == []
    assert list(shared_redis.scan_iter(f"*{database.name}*None*")) == []


async def test_A23_a_reminder_is_seen_at_once_when_it_comes_through_the_service_or_after_a_drop(
    start: Start, database: Database[dict[str, Any]]
) -> None:
    service = await start(cache_lease_seconds=1.0)
    ann = await service.sign_up("ann")
    todo_id = await ann.write("one")
    await ann.headings()

    await ann.http.put(f"/todo/{todo_id}", json={"reminder_sent": True})
    [through] = (await ann.http.get("/todo/")).json()
    database["todos"].update_many({}, {"$set": {"reminder_sent": False}})
    dropped = await service.admin("DELETE")
    [beside] = (await ann.http.get("/todo/")).json()

    assert dropped.status_code == 200
    assert (through["reminder_sent"], beside["reminder_sent"]) == (True, False)


async def test_A24_what_one_process_writes_the_other_reads(start: Start) -> None:
    one, other = await start(), await start()
    here = await one.sign_up("ann")
    there = await other.signed_in(here.id, "ann", here.token)
    await there.headings()

    await here.write("one")
    seen = await there.headings()
    await there.http.delete("/auth/me")

    assert seen == ["one"]
    assert (await here.http.get("/todo/")).status_code == 401


async def test_A24_a_write_made_while_the_layer_was_off_is_seen_when_it_is_on_again(
    start: Start,
) -> None:
    one = await start(cache_lease_seconds=1.0)
    without_layer = await start(cache_lease_seconds=1.0, cache_enabled=False)
    here = await one.sign_up("ann")
    there = await without_layer.signed_in(here.id, "ann", here.token)
    await here.headings()

    off = await one.admin("PUT", enabled=False)
    await there.write("one")
    await one.admin("PUT", enabled=True)

    assert off.json()["state"] in {"off", "absent"}
    assert await here.headings() == ["one"]


# PyMongo leaves the socket of a cancelled connect to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_A25_cancelled_requests_never_hand_their_reply_to_somebody_else(
    servers: Stack, configured: Configured
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

    async with (
        slowed(servers.mongo.url, 0.002) as mongo,
        slowed(servers.redis.url, 0.002) as redis,
        AsyncExitStack() as exits,
    ):
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


async def test_A26_nothing_about_a_deleted_account_stays_in_redis(
    start: Start, shared_redis: Redis, database: Database[dict[str, Any]]
) -> None:
    service = await start(rate_limit_enabled=True)
    ann = await service.sign_up("ann")
    await ann.write("a secret plan")
    await ann.headings()

    deleted = await ann.http.request("DELETE", "/auth/me")
    await service.try_log_in("ann", PASSWORD)
    fence = database["cache_fence"].find_one()
    assert fence is not None
    keys = [key.decode() for key in shared_redis.scan_iter(f"*{fence['deployment']}:rate:*")]

    assert deleted.status_code == 200
    assert [key for key in keys if ann.id in key or "ann" in key or "example.org" in key] == []
    assert len(keys) == (3 if service.settings.cache_enabled else 0)


@contextmanager
def _second_database(first: Database[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    second = first.client[f"{first.name}b"]
    try:
        yield second
    finally:
        first.client.drop_database(second.name)
