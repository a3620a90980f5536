"""Both variants, composed as in production on real servers, and what befalls them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from structlog.testing import capture_logs

from benchmarks.stack.embedded import Stack, start_redis
from service.adapters.redis.client import connect
from service.config import Settings
from service.domain import CachedValue
from service.trace import HIT
from tests import needs
from tests.integration.service.conftest import running

pytestmark = pytest.mark.servers
Make = Callable[..., Settings]
FENCED = "fwd=bypass; detail=fenced"


async def test_a_managed_redis_that_does_not_say_who_it_is_is_not_used_and_the_log_says_why(
    settings: Make, tmp_path: Path
) -> None:
    needs.program("redis-server")
    nameless = ["--rename-command", "INFO", "", "--rename-command", "CONFIG", ""]
    redis = start_redis(tmp_path, extra_args=nameless)
    try:
        with capture_logs() as lines:
            async with running(
                settings(redis_url=redis.url, redis_deadline_seconds=0.5)
            ) as service:
                body = await service.body(await service.register())
                said = service.said
    finally:
        redis.discard()

    assert "Milk" in body
    assert said == FENCED
    [line] = [line for line in lines if line["event"] == "redis cannot be used; starting uncached"]
    assert "INFO" in line["why"]


async def test_entries_end_by_themselves_and_nothing_stays_of_a_deleted_account(
    settings: Make, servers: Stack
) -> None:
    assert servers.redis is not None
    async with (
        running(settings(todos_ttl_seconds=72_000)) as service,
        connect(servers.redis.url, deadline_s=10.0) as redis,
    ):
        ada = await service.register()
        await service.says(ada, HIT)
        [todos] = [key async for key in redis.scan_iter(f"*{ada}*:todos")]
        left_s = await redis.ttl(todos)
        async with service.backends.repository.write(ada, *CachedValue):
            await service.backends.accounts.users.delete(ada)
        left = {await redis.get(key) async for key in redis.scan_iter(f"*{ada}*")}

    assert 0.89 < left_s / 72_000 <= 1.1
    assert left == {b"X"}, "the traces of the invalidation"


async def test_a_stored_todo_that_cannot_be_read_is_left_out_and_counted(
    settings: Make, servers: Stack, database_name: str
) -> None:
    async with (
        running(settings()) as service,
        AsyncMongoClient[dict[str, Any]](servers.mongo.url) as mongo,
    ):
        ada = await service.register()
        await service.add(ada, "no task")
        todos = mongo[database_name]["todos"]
        await todos.update_one({"heading": "no task"}, {"$unset": {"task": 1}})
        body = await service.body(ada)

        assert "Milk" in body
        assert "no task" not in body
        assert service.backends.metrics.events["document_skipped"] == 1
