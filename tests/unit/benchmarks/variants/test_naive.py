"""What is the naive rival's own; ``tests/integration/rivals`` holds it to the contract."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis, FakeServer

from benchmarks.variants.rivals.naive import (
    JITTER,
    MAX_ENTRY_BYTES,
    CacheAsideRepository,
    entry_key,
)
from service.adapters.database import DatabaseRepository
from service.adapters.redis.client import COOL_DOWN_S, FAILURES, Breaker
from service.codec import encode_todos
from service.coherence.entries import pack_account, pack_todos
from service.domain import CachedValue, NewAccount, TodoList, UserId
from service.trace import CORRUPT, HIT, MISS, UNAVAILABLE
from tests.fakes import FakeTodos, FakeUsers, ManualClock, new_todo

BOTH = (CachedValue.USER, CachedValue.TODOS)
TTL_S = {CachedValue.USER: 600.0, CachedValue.TODOS: 300.0}


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

    def ttl_ms(self) -> list[int]:
        return [command[command.index("PX") + 1] for command in self.heard if "PX" in command]


class NaiveSetting:
    """A cache-aside repository over fakes; ``ada`` is the only account."""

    def __init__(self) -> None:
        self.users, self.todos, self.clock = FakeUsers(), FakeTodos(), ManualClock()
        self.redis = HeardRedis()
        self.ada = UserId("")
        self.repository = self.made(jitter=lambda: 1.0)

    def made(self, **more: Any) -> CacheAsideRepository:
        return CacheAsideRepository(
            DatabaseRepository(self.users, self.todos),
            self.redis,
            deployment="shop",
            ttl_s=TTL_S,
            breaker=Breaker(clock=self.clock),
            **more,
        )

    async def put(self, kind: CachedValue, entry: bytes) -> None:
        await self.redis.set(entry_key("shop", self.ada, kind), entry)

    async def outcomes(self) -> tuple[str, ...]:
        """Read both values; return how each was answered."""
        snapshot = await self.repository.read(self.ada, BOTH)
        assert snapshot.account is not None
        assert snapshot.account.id == self.ada
        assert snapshot.todos == TodoList(b"[]", None)
        return tuple(snapshot.outcomes.values())

    def finds(self) -> int:
        return self.users.calls["find"] + self.todos.calls["page"] + self.todos.calls["find"]


@pytest.fixture
async def at() -> AsyncIterator[NaiveSetting]:
    setting = NaiveSetting()
    setting.ada = (await setting.users.insert(NewAccount("Ada", "ada@example.com", "hash"))).id
    async with setting.redis:
        yield setting


def test_a_key_tells_deployment_schema_user_and_value() -> None:
    assert entry_key("shop", UserId("a"), CachedValue.TODOS) == "naive:shop:1:{a}:todos"


@pytest.mark.parametrize("held", ["garbage", "values of somebody else"])
async def test_what_is_no_value_of_this_user_is_read_again_and_replaced(
    at: NaiveSetting, held: str
) -> None:
    eve = await at.users.insert(NewAccount("Eve", "eve@example.com", "hash"))
    entries = [b"garbage"] * 2
    if held != "garbage":
        entries = [pack_account(eve), pack_todos(eve.id, TodoList(b'["of Eve"]', None))]
    for kind, entry in zip(BOTH, entries, strict=True):
        await at.put(kind, entry)

    assert [await at.outcomes() for _ in range(2)] == [(CORRUPT, CORRUPT), (HIT, HIT)]


async def test_a_cached_list_that_is_no_list_of_todos_is_not_trusted_for_one(
    at: NaiveSetting,
) -> None:
    todo = await at.todos.insert(at.ada, new_todo("Milk", ""))
    entry = pack_todos(at.ada, TodoList(b"[1]", None))
    await at.put(CachedValue.TODOS, entry)

    assert (await at.repository.todo(at.ada, todo.id)).todo == todo


@pytest.mark.parametrize(("over", "outcome"), [(0, HIT), (1, MISS)])
async def test_an_entry_that_is_too_large_is_not_stored(
    at: NaiveSetting, over: int, outcome: str
) -> None:
    todo = await at.todos.insert(at.ada, new_todo("Milk", ""))
    empty = len(pack_todos(at.ada, TodoList(encode_todos((todo,)), None)))
    await at.todos.delete(at.ada, todo.id)
    await at.todos.insert(at.ada, new_todo("Milk", "x" * (MAX_ENTRY_BYTES - empty + over)))
    cold, warm = [await at.repository.read(at.ada, BOTH) for _ in range(2)]

    assert warm == cold
    assert warm.outcomes == {CachedValue.USER: HIT, CachedValue.TODOS: outcome}


@pytest.mark.parametrize("jitter", [1 - JITTER, 1 + JITTER])
async def test_the_jitter_stretches_the_ttl_and_is_drawn_within_ten_percent(
    at: NaiveSetting, jitter: float
) -> None:
    await at.made(jitter=lambda: jitter).read(at.ada, BOTH)
    assert at.redis.ttl_ms() == [round(600_000 * jitter), round(300_000 * jitter)]

    repository = at.made()
    at.redis.heard.clear()
    for _ in range(200):
        await at.redis.flushall()
        await repository.read(at.ada, (CachedValue.USER,))
    assert 540_000 <= min(at.redis.ttl_ms()) < 570_000
    assert 630_000 < max(at.redis.ttl_ms()) <= 660_000


async def test_with_redis_down_a_read_asks_it_once_and_says_so_and_a_write_tries(
    at: NaiveSetting,
) -> None:
    at.redis.server.connected = False
    assert await at.outcomes() == (UNAVAILABLE, UNAVAILABLE)
    async with at.repository.write(at.ada, CachedValue.TODOS):
        assert at.redis.names() == ["MGET"]

    assert at.redis.names() == ["MGET", "DEL"]
    assert at.finds() == 2


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
