"""How each rival comes to serve an old value: what the fenced variant exists for.

The races are those of docs/coherence.md. That these tests pass says that a rival *is* stale.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from benchmarks.stack.embedded import Stack
from benchmarks.stack.proxy import FaultProxy, start_proxy
from benchmarks.stack.relay import RelayMode
from service.adapters.database import DatabaseRepository
from service.domain import CachedValue
from service.trace import HIT
from tests.fakes import new_todo
from tests.integration.rivals.conftest import LIBRARIES, RivalSetting, open_layer, open_setting

pytestmark = LIBRARIES
PATIENCE_S = 60.0


@pytest.fixture
def proxy(servers: Stack, tmp_path: Path) -> Iterator[FaultProxy]:
    assert servers.redis
    with start_proxy(servers.redis.url, log=tmp_path / "proxy.log") as proxy:
        yield proxy


@pytest.fixture
async def behind(rival: str, proxy: FaultProxy, database_name: str) -> AsyncIterator[RivalSetting]:
    """Return the rival with a proxy between it and Redis."""
    async with open_setting(rival, proxy.url, database_name) as setting:
        yield setting


async def held_read(at: RivalSetting) -> "asyncio.Task[str]":
    """Start a read and hold it back when it has seen the database."""
    at.hold_back()
    reading = asyncio.create_task(at.body())
    await asyncio.wait_for(at.todos.was_read.wait(), PATIENCE_S)
    return reading


async def test_what_was_read_before_a_write_is_stored_after_it(at: RivalSetting) -> None:
    reading = await held_read(at)
    await at.add("Milk")
    at.let_go()
    await reading

    assert await at.body() == "[]"
    assert at.outcomes[CachedValue.TODOS] == HIT


async def test_cashews_lets_a_reader_join_a_read_that_began_before_a_write(
    at: RivalSetting, rival: str
) -> None:
    reading = await held_read(at)
    await at.add("Milk")
    at.todos.was_read.clear()
    later = asyncio.create_task(at.layer.repository.read(at.ada, (CachedValue.TODOS,)))
    if rival == "cashews":
        # It joins as soon as it runs, and would be seen in the database if it did not.
        await asyncio.sleep(0)
    else:
        await asyncio.wait_for(at.todos.was_read.wait(), PATIENCE_S)
    at.let_go()
    await reading
    todos = (await later).todos

    assert todos
    assert (b"Milk" not in todos.body) is (rival == "cashews")


async def test_a_deletion_that_is_lost_leaves_the_old_value_for_others(
    behind: RivalSetting, proxy: FaultProxy, servers: Stack, rival: str
) -> None:
    assert servers.redis
    await behind.read()
    proxy.switch(RelayMode.REFUSE)
    [answer] = await asyncio.gather(behind.add("Milk"), return_exceptions=True)
    plain = DatabaseRepository(behind.users, behind.todos)
    async with open_layer(rival, servers.redis.url, behind.deployment, plain) as other_process:
        at = replace(behind, layer=other_process)
        body = await at.body()

    assert len((await behind.todos.page(behind.ada)).todos) == 1
    assert body == "[]"
    assert at.outcomes[CachedValue.TODOS] == HIT
    # Only aiocache tells the writer, who then cannot know that the todo was stored.
    assert isinstance(answer, RedisError) is (rival == "aiocache")


async def test_with_redis_gone_reads_come_from_the_database(
    behind: RivalSetting, proxy: FaultProxy
) -> None:
    await behind.read()
    proxy.switch(RelayMode.REFUSE)
    await behind.todos.insert(behind.ada, new_todo("Milk", ""))

    assert "Milk" in await behind.body()
    assert HIT not in behind.outcomes.values()
