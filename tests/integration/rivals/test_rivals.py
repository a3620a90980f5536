"""What every rival does when nothing goes wrong, and what it asks Redis (docs/rivals.md)."""

import asyncio
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from benchmarks.stack.embedded import Stack
from service.domain import CachedValue, Snapshot, UserId
from service.trace import MISS
from tests import needs
from tests.integration.rivals.conftest import LIBRARIES, RivalSetting, open_setting

pytestmark = LIBRARIES
FINDS_OF_THREE = {"naive": 3, "cashews": 1, "aiocache": 3, "fastapi-redis-sdk": 3}
"""Cashews joins reads that overlap."""
COMMANDS = {  # of a miss, a hit and a write
    "naive": ("MGET SET SET", "MGET", "DEL"),
    "cashews": ("GET GET SET SET", "GET GET", "UNLINK"),
    "aiocache": ("GET GET SETEX SETEX", "GET GET", "DEL"),
    "fastapi-redis-sdk": ("GET GET SET SET", "GET GET", "DEL"),
}


class Monitor:
    """Hears every command that a Redis executes."""

    def __init__(self, client: Redis, monitor: Any, deployment: str) -> None:
        self._client, self._monitor, self._deployment = client, monitor, deployment

    def heard(self) -> str:
        """Return the commands on keys of the deployment since the last time, sorted."""
        mark, names = uuid.uuid4().hex, []
        self._client.echo(mark)
        while mark not in (command := self._monitor.next_command()["command"]):
            if self._deployment in command:
                names.append(command.split()[0].upper())
        return " ".join(sorted(names))


@pytest.fixture
def monitor(servers: Stack, at: RivalSetting) -> Iterator[Monitor]:
    needs.program("redis-server")
    assert servers.redis
    with Redis.from_url(servers.redis.url) as client, client.monitor() as monitor:
        yield Monitor(client, monitor, at.deployment)


async def test_each_step_costs_these_commands(
    at: RivalSetting, monitor: Monitor, rival: str
) -> None:
    await at.read()
    miss = monitor.heard()
    await at.read()
    hit = monitor.heard()
    await at.add("Milk")

    assert (miss, hit, monitor.heard()) == COMMANDS[rival]


async def test_nobody_is_not_cached(at: RivalSetting) -> None:
    at.ada = UserId("0" * 24)
    snapshots = [await at.read(), await at.read()]

    assert snapshots == [Snapshot(), Snapshot()]
    assert at.outcomes[CachedValue.USER] == MISS
    assert at.users.calls["find"] == 2


async def test_every_entry_lives_as_long_as_the_settings_say(
    at: RivalSetting, servers: Stack
) -> None:
    assert servers.redis
    await at.read()
    with Redis.from_url(servers.redis.url, decode_responses=True) as client:
        keys = client.scan_iter(match=f"*{at.deployment}*")
        found = {key: client.pttl(key) / 1000 for key in keys}
    users, todos = (
        [life_s for key, life_s in found.items() if re.search(rf"\b{slot}\b", key)]
        for slot in CachedValue
    )

    assert len(found) == 2
    # A busy machine needs a while to ask.
    assert [500 < life_s <= 600 for life_s in users] == [True]
    assert [250 < life_s <= 300 for life_s in todos] == [True]


async def test_two_deployments_on_one_redis_do_not_meet(
    at: RivalSetting, servers: Stack, rival: str
) -> None:
    assert servers.redis
    await at.add("Milk")
    await at.read()
    async with open_setting(rival, servers.redis.url, at.deployment + "-other") as other:
        other.ada = at.ada
        snapshot = await other.read()

    assert snapshot == Snapshot()


async def test_of_reads_that_overlap_each_says_that_it_missed(at: RivalSetting, rival: str) -> None:
    await at.add("Milk")
    at.hold_back()

    async def says() -> tuple[str, str]:
        one = RivalSetting(at.layer, at.deployment, at.ada, at.users, at.todos)
        return await one.body(), one.outcomes[CachedValue.TODOS]

    reads = [asyncio.create_task(says()) for _ in range(3)]
    async with asyncio.timeout(60):
        while at.todos.calls["page"] < FINDS_OF_THREE[rival]:
            at.todos.was_read.clear()
            await at.todos.was_read.wait()
    at.let_go()
    answers = await asyncio.gather(*reads)

    assert [("Milk" in body, outcome) for body, outcome in answers] == [(True, MISS)] * 3
