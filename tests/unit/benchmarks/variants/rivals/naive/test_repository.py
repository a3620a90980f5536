import pytest

from benchmarks.variants.rivals.naive.repository import (
    JITTER,
    MAX_ENTRY_BYTES,
    CacheAsideRepository,
)
from service.adapters.database import DatabaseRepository
from service.codec import encode_todos, pack_account, pack_todos
from service.domain import CachedValue, NewAccount, Snapshot, TodoId, TodoList, UserId
from service.outcomes import CORRUPT, HIT, MISS, UNAVAILABLE
from tests.fakes import new_todo
from tests.unit.benchmarks.variants.rivals.naive.setting import BOTH, TTL_S, Setting

MILK = new_todo("Milk", "Two litres")
NO_TODO = TodoId("0" * 24)
USER_HIT = {CachedValue.USER: HIT, CachedValue.TODOS: MISS}


def alike(outcome: str) -> dict[CachedValue, str]:
    return dict.fromkeys(BOTH, outcome)


async def test_the_first_read_misses_and_the_second_hits_with_one_round_trip(at: Setting) -> None:
    await at.todos.insert(at.ada, MILK)
    cold, cold_outcomes, cold_finds = await at.read()
    at.slots.calls.clear()
    warm, warm_outcomes, warm_finds = await at.read()

    assert warm == cold
    assert cold_outcomes == alike(MISS)
    assert warm_outcomes == alike(HIT)
    assert (cold_finds, warm_finds) == (2, 0)
    assert at.slots.calls == {"get": 1}


async def test_an_empty_list_is_cached(at: Setting) -> None:
    await at.read()
    snapshot, outcomes, finds = await at.read()

    assert snapshot.todos == TodoList(b"[]", None)
    assert outcomes[CachedValue.TODOS] == HIT
    assert finds == 0


async def test_nobody_is_not_cached(at: Setting) -> None:
    at.ada = UserId("0" * 24)
    snapshot, _, _ = await at.read()

    assert snapshot == Snapshot()
    assert at.slots.calls["put"] == 0


@pytest.mark.parametrize("goes_by", ["dropping it", "its TTL"])
async def test_only_the_missing_slot_is_read_from_the_database(at: Setting, goes_by: str) -> None:
    await at.read()
    if goes_by == "its TTL":
        at.clock.advance(300)
    else:
        await at.slots.drop(at.ada, (CachedValue.TODOS,))
    pages = at.todos.calls["page"]
    _, outcomes, finds = await at.read()

    assert outcomes == USER_HIT
    assert finds == at.todos.calls["page"] - pages == 1


async def test_a_corrupt_entry_is_read_again_and_replaced(at: Setting) -> None:
    good, _, _ = await at.read()
    for slot in BOTH:
        await at.slots.put(at.ada, slot, b"garbage", ttl_s=60)
    snapshot, outcomes, _ = await at.read()
    _, healed, _ = await at.read()

    assert snapshot == good
    assert outcomes == alike(CORRUPT)
    assert healed == alike(HIT)


async def test_an_entry_of_somebody_else_is_never_answered(at: Setting) -> None:
    eve = await at.users.insert(NewAccount("Eve", "eve@example.com", "hash"))
    await at.slots.put(at.ada, CachedValue.USER, pack_account(eve), ttl_s=60)
    await at.slots.put(
        at.ada, CachedValue.TODOS, pack_todos(eve.id, TodoList(b'["of Eve"]', None)), ttl_s=60
    )
    snapshot, outcomes, _ = await at.read()

    assert snapshot.account is not None
    assert snapshot.account.id == at.ada
    assert snapshot.todos == TodoList(b"[]", None)
    assert outcomes == alike(CORRUPT)


@pytest.mark.parametrize(("over", "stored"), [(0, 1), (1, 0)])
async def test_an_entry_that_is_too_large_is_not_stored(
    at: Setting, over: int, stored: int
) -> None:
    todo = await at.todos.insert(at.ada, new_todo("Milk", ""))
    empty = len(pack_todos(at.ada, TodoList(encode_todos((todo,)), None)))
    await at.todos.delete(at.ada, todo.id)
    todo = await at.todos.insert(at.ada, new_todo("Milk", "x" * (MAX_ENTRY_BYTES - empty + over)))
    cold, _, _ = await at.read()
    warm, outcomes, _ = await at.read()

    assert warm == cold
    assert outcomes[CachedValue.USER] == HIT
    assert outcomes[CachedValue.TODOS] == (HIT if stored else MISS)


@pytest.mark.parametrize("jitter", [1 - JITTER, 1.0, 1 + JITTER])
async def test_the_jitter_stretches_the_ttl(at: Setting, jitter: float) -> None:
    at.jitter = jitter
    await at.read()

    assert at.slots.ttl_s == {CachedValue.USER: 600 * jitter, CachedValue.TODOS: 300 * jitter}


async def test_the_jitter_is_within_ten_percent_and_does_vary(at: Setting) -> None:
    plain = DatabaseRepository(at.users, at.todos)
    repository = CacheAsideRepository(plain, at.slots, ttl_s=TTL_S)
    lives_s = []
    for _ in range(200):
        await at.slots.drop(at.ada, BOTH)
        await repository.read(at.ada, (CachedValue.USER,))
        lives_s.append(at.slots.ttl_s[CachedValue.USER])

    assert 540 <= min(lives_s) < 570
    assert 630 < max(lives_s) <= 660


async def test_a_todo_is_picked_from_the_list_slot(at: Setting) -> None:
    todo = await at.todos.insert(at.ada, MILK)
    await at.read()
    before = at.finds()
    found = await at.repository.todo(at.ada, todo.id)
    missing = await at.repository.todo(at.ada, NO_TODO)

    assert (found.todo, missing.todo) == (todo, None)
    assert at.finds() == before


async def test_a_todo_beyond_the_first_page_comes_from_the_database(
    at: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fakes.PAGE_SIZE", 1)
    first, second = [await at.todos.insert(at.ada, MILK) for _ in range(2)]
    await at.read()
    at.todos.calls.clear()
    of_first = await at.repository.todo(at.ada, first.id)
    calls_of_first = dict(at.todos.calls)
    of_second = await at.repository.todo(at.ada, second.id)

    assert (of_first.todo, of_second.todo) == (first, second)
    assert calls_of_first == {}
    assert at.todos.calls == {"find": 1}


async def test_a_list_slot_that_is_no_list_of_todos_is_not_trusted_for_one(at: Setting) -> None:
    todo = await at.todos.insert(at.ada, MILK)
    entry = pack_todos(at.ada, TodoList(b"[1]", None))
    await at.slots.put(at.ada, CachedValue.TODOS, entry, ttl_s=60)

    assert (await at.repository.todo(at.ada, todo.id)).todo == todo


async def test_a_write_drops_the_slots_it_names_after_the_commit(at: Setting) -> None:
    await at.read()
    async with at.repository.write(at.ada, CachedValue.TODOS):
        dropped = at.slots.calls["drop"]
    _, outcomes, _ = await at.read()

    assert (dropped, at.slots.calls["drop"]) == (0, 1)
    assert outcomes == USER_HIT


async def test_with_redis_down_reads_bypass_and_do_not_fail(at: Setting) -> None:
    at.slots.down = True
    snapshot, outcomes, finds = await at.read()

    assert snapshot.account is not None
    assert snapshot.todos == TodoList(b"[]", None)
    assert outcomes == alike(UNAVAILABLE)
    assert finds == 2
    assert at.slots.calls == {"get": 1}


async def test_with_redis_down_writes_do_not_fail(at: Setting) -> None:
    at.slots.down = True
    async with at.repository.write(at.ada, CachedValue.TODOS):
        todo = await at.todos.insert(at.ada, MILK)

    assert await at.todos.find(at.ada, todo.id) == todo
    assert at.slots.calls == {"drop": 1}


async def test_redis_lost_while_filling_is_no_error_and_not_tried_again(
    at: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = at.slots.get

    async def lost_after(user_id: UserId, slots: tuple[CachedValue, ...]) -> object:
        entries = await get(user_id, slots)
        at.slots.down = True
        return entries

    monkeypatch.setattr(at.slots, "get", lost_after)
    snapshot, _, _ = await at.read()

    assert snapshot.account is not None
    assert at.slots.calls["put"] == 1
