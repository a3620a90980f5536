"""What is the naive rival's own; ``tests/integration/rivals`` holds it to the contract."""

from collections.abc import Callable

import pytest
from fakeredis import FakeAsyncRedis, FakeServer

from benchmarks.variants.rivals.naive import (
    JITTER,
    MAX_ENTRY_BYTES,
    CacheAsideRepository,
    NaiveCacheUnavailable,
    RedisEntries,
)
from service.adapters.database import DatabaseRepository
from service.adapters.redis.client import COOL_DOWN_S, FAILURES, Breaker
from service.codec import encode_todos
from service.coherence.entries import pack_account, pack_todos
from service.domain import CachedValue, NewAccount, TodoList, UserId
from service.outcomes import CORRUPT, HIT, MISS, UNAVAILABLE
from tests.fakes import FakeTodos, FakeUsers, ManualClock, new_todo
from tests.fakes_cache import FakeEntries

BOTH = (CachedValue.USER, CachedValue.TODOS)
TTL_S = {CachedValue.USER: 600.0, CachedValue.TODOS: 300.0}


class NaiveSetting:
    """A cache-aside repository over fakes; ``ada`` is the only account."""

    def __init__(self) -> None:
        self.users, self.todos, self.clock = FakeUsers(), FakeTodos(), ManualClock()
        self.entries = FakeEntries(clock=self.clock)
        self.ada = UserId("")
        self.repository = self.made(lambda: 1.0)

    def made(self, jitter: Callable[[], float]) -> CacheAsideRepository:
        plain = DatabaseRepository(self.users, self.todos)
        return CacheAsideRepository(plain, self.entries, ttl_s=TTL_S, jitter=jitter)

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
async def at() -> NaiveSetting:
    setting = NaiveSetting()
    setting.ada = (await setting.users.insert(NewAccount("Ada", "ada@example.com", "hash"))).id
    return setting


@pytest.mark.parametrize("held", ["garbage", "values of somebody else"])
async def test_what_is_no_value_of_this_user_is_read_again_and_replaced(
    at: NaiveSetting, held: str
) -> None:
    eve = await at.users.insert(NewAccount("Eve", "eve@example.com", "hash"))
    entries = [b"garbage"] * 2
    if held != "garbage":
        entries = [pack_account(eve), pack_todos(eve.id, TodoList(b'["of Eve"]', None))]
    for kind, entry in zip(BOTH, entries, strict=True):
        await at.entries.put(at.ada, kind, entry, ttl_s=60)

    assert [await at.outcomes() for _ in range(2)] == [(CORRUPT, CORRUPT), (HIT, HIT)]


async def test_a_cached_list_that_is_no_list_of_todos_is_not_trusted_for_one(
    at: NaiveSetting,
) -> None:
    todo = await at.todos.insert(at.ada, new_todo("Milk", ""))
    entry = pack_todos(at.ada, TodoList(b"[1]", None))
    await at.entries.put(at.ada, CachedValue.TODOS, entry, ttl_s=60)

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
    await at.made(lambda: jitter).read(at.ada, BOTH)
    assert at.entries.ttl_s == {kind: ttl_s * jitter for kind, ttl_s in TTL_S.items()}

    plain = DatabaseRepository(at.users, at.todos)
    repository, lives_s = CacheAsideRepository(plain, at.entries, ttl_s=TTL_S), []
    for _ in range(200):
        await at.entries.drop(at.ada, BOTH)
        await repository.read(at.ada, (CachedValue.USER,))
        lives_s.append(at.entries.ttl_s[CachedValue.USER])
    assert 540 <= min(lives_s) < 570
    assert 630 < max(lives_s) <= 660


async def test_with_redis_down_a_read_asks_it_once_and_says_so_and_a_write_tries(
    at: NaiveSetting,
) -> None:
    at.entries.down = True
    assert await at.outcomes() == (UNAVAILABLE, UNAVAILABLE)
    async with at.repository.write(at.ada, CachedValue.TODOS):
        calls = dict(at.entries.calls)

    assert calls == {"get": 1}
    assert at.entries.calls == {"get": 1, "drop": 1}
    assert at.finds() == 2


async def test_redis_lost_while_filling_is_no_error_and_not_tried_again(
    at: NaiveSetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = at.entries.get

    async def lost_after(user_id: UserId, kinds: tuple[CachedValue, ...]) -> object:
        entries = await get(user_id, kinds)
        at.entries.down = True
        return entries

    monkeypatch.setattr(at.entries, "get", lost_after)

    assert await at.outcomes() == (MISS, MISS)
    assert at.entries.calls["put"] == 1


async def test_after_an_outage_reads_wait_for_the_cool_down_and_a_deletion_does_not() -> None:
    server, clock = FakeServer(), ManualClock()
    ada = UserId("a" * 24)
    async with FakeAsyncRedis(server=server) as client:
        entries = RedisEntries(client, Breaker(clock=clock), deployment="test")
        await entries.put(ada, CachedValue.USER, b"entry", ttl_s=60)
        await entries.put(ada, CachedValue.TODOS, b"stale", ttl_s=60)
        server.connected = False
        for _ in range(FAILURES):
            with pytest.raises(NaiveCacheUnavailable):
                await entries.get(ada, BOTH)
        server.connected = True
        with pytest.raises(NaiveCacheUnavailable):
            await entries.get(ada, BOTH)
        with pytest.raises(NaiveCacheUnavailable):
            await entries.put(ada, CachedValue.USER, b"newer", ttl_s=60)
        await entries.drop(ada, (CachedValue.TODOS,))
        clock.advance(COOL_DOWN_S)

        assert await entries.get(ada, BOTH) == [b"entry", None]
