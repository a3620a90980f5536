import pytest

from service.domain import CachedValue, TodoId, TodoList, UserId
from service.outcomes import UNAVAILABLE
from tests.fakes import new_todo
from tests.unit.benchmarks.variants.rivals.naive.setting import Setting

BOTH = (CachedValue.USER, CachedValue.TODOS)
TTL_S = {CachedValue.USER: 600.0, CachedValue.TODOS: 300.0}
MILK = new_todo("Milk", "Two litres")
NO_TODO = TodoId("0" * 24)


async def test_with_redis_down_reads_bypass_and_do_not_fail(at: Setting) -> None:
    at.slots.down = True
    snapshot, outcomes, finds = await at.read()

    assert snapshot.account is not None
    assert snapshot.todos == TodoList(b"[]", None)
    assert outcomes == {CachedValue.USER: UNAVAILABLE, CachedValue.TODOS: UNAVAILABLE}
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
