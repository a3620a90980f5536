"""What every rival does when nothing goes wrong."""

import asyncio
import re

import pytest
from redis import Redis

from benchmarks.stack.embedded import Stack
from service.domain import (
    CachedValue,
    Snapshot,
    UserId,
)
from service.trace import MISS
from tests.integration.rivals.conftest import RivalSetting, open_setting
from tests.integration.rivals.marks import LIBRARIES

pytestmark = LIBRARIES
FINDS_OF_THREE = {"naive": 3, "cashews": 1, "aiocache": 3, "fastapi-redis-sdk": 3}
"""Cashews joins reads that overlap."""


@pytest.fixture
def lives_s(servers: Stack, at: RivalSetting) -> "Lives":
    """Return what looks up how long the keys of this test still live."""
    return Lives(servers, at.deployment)


class Lives:
    """The keys of one deployment, past every library."""

    def __init__(self, servers: Stack, deployment: str) -> None:
        assert servers.redis
        self._url, self._deployment = servers.redis.url, deployment

    def __call__(self) -> dict[str, float]:
        with Redis.from_url(self._url, decode_responses=True) as client:
            keys = client.scan_iter(match=f"*{self._deployment}*")
            return {key: client.pttl(key) / 1000 for key in keys}


async def test_nobody_is_not_cached(at: RivalSetting, lives_s: Lives) -> None:
    at.ada = UserId("0" * 24)
    snapshots = [await at.read(), await at.read()]

    assert snapshots == [Snapshot(), Snapshot()]
    assert at.outcomes[CachedValue.USER] == MISS
    assert at.users.calls["find"] == 2
    assert not [key for key in lives_s() if re.search(rf"\b{CachedValue.USER}\b", key)]


async def test_every_entry_lives_as_long_as_the_settings_say(
    at: RivalSetting, lives_s: Lives
) -> None:
    await at.read()
    found = lives_s()
    users, todos = (
        [life_s for key, life_s in found.items() if re.search(rf"\b{slot}\b", key)]
        for slot in CachedValue
    )

    assert len(found) == 2
    # Naive spreads them by a tenth; and a busy machine needs a while to ask.
    assert [500 < life_s <= 660 for life_s in users] == [True]
    assert [250 < life_s <= 330 for life_s in todos] == [True]


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
