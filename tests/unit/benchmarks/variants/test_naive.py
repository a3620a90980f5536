"""What is the naive rival's own; ``tests/integration/rivals`` holds it to the contract."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis, FakeServer

from benchmarks.variants.rivals.naive import (
    CacheAsideRepository,
    entry_key,
)
from service.adapters.database import DatabaseRepository
from service.adapters.redis.client import COOL_DOWN_S, FAILURES, Breaker
from service.domain import CachedValue, NewAccount, TodoList, UserId
from service.trace import HIT, MISS, UNAVAILABLE
from tests.fakes import FakeTodos, FakeUsers, ManualClock

BOTH = (CachedValue.USER, CachedValue.TODOS)
TTL_S = {CachedValue.USER: 600, CachedValue.TODOS: 300}


class HeardRedis(FakeAsyncRedis):
    """A Redis that remembers the commands on it and can be lost."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.server = FakeServer()
        super().__init__(server=self.server)

    async def execute_command(self, *command: Any, **options: Any) -> Any:
        self.heard.append(command)
        execute: Any = super().execute_command
        return await execute(*command, **options)

    def names(self) -> list[str]:
        return [command[0] for command in self.heard]


class NaiveSetting:
    """A cache-aside repository over fakes; ``ada`` is the only account."""

    def __init__(self) -> None:
        self.users, self.todos, self.clock = FakeUsers(), FakeTodos(), ManualClock()
        self.redis = HeardRedis()
        self.ada = UserId("")
        self.repository = CacheAsideRepository(
            DatabaseRepository(self.users, self.todos),
            self.redis,
            deployment="shop",
            ttl_s=TTL_S,
            breaker=Breaker(clock=self.clock),
        )

    async def outcomes(self) -> tuple[str, ...]:
        """Read both values; return how each was answered."""
        snapshot = await self.repository.read(self.ada, BOTH)
        assert snapshot.account is not None
        assert snapshot.account.id == self.ada
        assert snapshot.todos == TodoList(b"[]", None)
        return tuple(snapshot.outcomes.values())


@pytest.fixture
async def at() -> AsyncIterator[NaiveSetting]:
    setting = NaiveSetting()
    setting.ada = (await setting.users.insert(NewAccount("Ada", "ada@example.com", "hash"))).id
    async with setting.redis:
        yield setting


async def test_redis_lost_while_filling_is_no_error_and_not_tried_again(
    at: NaiveSetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = at.todos.page

    async def lost_after(*given: Any, **how: Any) -> Any:
        at.redis.server.connected = False
        return await page(*given, **how)

    monkeypatch.setattr(at.todos, "page", lost_after)

    assert await at.outcomes() == (MISS, MISS)
    assert at.redis.names() == ["MGET", "SET"]


async def test_after_an_outage_reads_wait_for_the_cool_down_and_a_deletion_does_not(
    at: NaiveSetting,
) -> None:
    await at.outcomes()
    at.redis.server.connected = False
    for _ in range(FAILURES):
        await at.outcomes()
    at.redis.server.connected = True
    assert await at.outcomes() == (UNAVAILABLE, UNAVAILABLE)
    async with at.repository.write(at.ada, CachedValue.TODOS):
        pass
    assert not await at.redis.exists(entry_key("shop", at.ada, CachedValue.TODOS))
    at.clock.advance(COOL_DOWN_S)

    assert await at.outcomes() == (HIT, MISS)
