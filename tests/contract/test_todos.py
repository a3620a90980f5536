"""What every ``Todos`` promises."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.domain import Todo, TodoChange, TodoId, TodoPage, UserId
from service.errors import NotFound, QuotaReached, RevisionMismatch
from service.ports import Todos
from tests.fakes import new_todo

ADA, BOB = UserId("a" * 24), UserId("b" * 24)
MILK = new_todo("Milk", "Two litres", completion_time=datetime(2030, 1, 2, 3, 4, 5, 678_000, UTC))
NO_TODO = TodoId("0" * 24)
Shrink = Callable[[str, int], None]


async def insert(todos: Todos, *headings: str) -> list[Todo]:
    return [await todos.insert(ADA, new_todo(heading, "")) for heading in headings]


async def test_a_stored_todo_is_found_as_it_was_answered(todos: Todos) -> None:
    stored = await todos.insert(ADA, MILK)

    assert await todos.find(ADA, stored.id) == stored
    assert (await todos.page(ADA)).todos == (stored,)
    assert (stored.heading, stored.task) == ("Milk", "Two litres")
    assert stored.completion_time == MILK.fields["completion_time"]
    assert (stored.completed, stored.reminder_sent, stored.rev) == (False, False, 1)
    assert stored.created_at == stored.updated_at
    assert stored.created_at.utcoffset() is not None
    assert stored.created_at.microsecond % 1000 == 0
    assert await todos.page(BOB) == TodoPage((), None)


async def test_pages_are_in_creation_order_and_go_on_behind_a_todo_deleted_meanwhile(
    todos: Todos, shrink: Shrink
) -> None:
    shrink("PAGE_SIZE", 2)
    one, two, three, four = await insert(todos, "1", "2", "3", "4")
    first = await todos.page(ADA)
    await todos.delete(ADA, two.id)

    assert first == TodoPage((one, two), two.id)
    assert await todos.page(ADA, after=two.id) == TodoPage((three, four), None)


async def test_a_stranger_sees_and_changes_nothing(todos: Todos) -> None:
    [milk] = await insert(todos, "Milk")
    with pytest.raises(NotFound):
        await todos.update(BOB, milk.id, TodoChange({"heading": "Beer"}))
    with pytest.raises(NotFound):
        await todos.delete(BOB, milk.id)

    assert await todos.find(BOB, milk.id) is None
    assert (await todos.page(BOB)).todos == ()
    assert await todos.find(ADA, milk.id) == milk


async def test_a_change_raises_the_revision_and_leaves_other_fields(todos: Todos) -> None:
    stored = await todos.insert(ADA, MILK)
    changed = await todos.update(ADA, stored.id, TodoChange({"completed": True}))

    assert changed == replace(stored, completed=True, rev=2, updated_at=changed.updated_at)
    assert changed.updated_at >= stored.updated_at
    assert await todos.find(ADA, stored.id) == changed
    cleared = await todos.update(ADA, stored.id, TodoChange({"completion_time": None}))
    assert cleared.completion_time is None


async def test_of_changes_insisting_on_a_revision_one_wins(todos: Todos) -> None:
    [milk] = await insert(todos, "Milk")
    change = TodoChange({"completed": True}, if_rev=milk.rev)
    answers = await asyncio.gather(
        *(todos.update(ADA, milk.id, change) for _ in range(8)), return_exceptions=True
    )

    assert sum(isinstance(answer, RevisionMismatch) for answer in answers) == 7
    found = await todos.find(ADA, milk.id)
    assert found is not None
    assert found.rev == 2


async def test_changes_at_once_are_all_counted(todos: Todos) -> None:
    [milk] = await insert(todos, "Milk")
    changes = (TodoChange({"task": str(number)}) for number in range(8))
    answers = await asyncio.gather(*(todos.update(ADA, milk.id, change) for change in changes))

    assert sorted(answer.rev for answer in answers) == list(range(2, 10))


async def test_an_old_revision_cannot_be_deleted(todos: Todos) -> None:
    [milk] = await insert(todos, "Milk")
    await todos.update(ADA, milk.id, TodoChange({"completed": True}))
    with pytest.raises(RevisionMismatch):
        await todos.delete(ADA, milk.id, if_rev=1)
    await todos.delete(ADA, milk.id, if_rev=2)

    assert await todos.find(ADA, milk.id) is None


async def test_what_does_not_exist_is_not_found_whatever_its_revision(todos: Todos) -> None:
    for if_rev in (None, 1):
        with pytest.raises(NotFound):
            await todos.update(ADA, NO_TODO, TodoChange({"completed": True}, if_rev))
        with pytest.raises(NotFound):
            await todos.delete(ADA, NO_TODO, if_rev=if_rev)

    assert await todos.find(ADA, NO_TODO) is None


async def test_one_todo_or_all_of_one_user_can_be_deleted_and_the_others_stay(
    todos: Todos,
) -> None:
    milk, bread = await insert(todos, "Milk", "Bread")
    kept = await todos.insert(BOB, MILK)
    await todos.delete(ADA, milk.id)
    with pytest.raises(NotFound):
        await todos.delete(ADA, milk.id)
    after_one = (await todos.page(ADA)).todos
    await todos.delete_all(ADA)

    assert after_one == (bread,)
    assert (await todos.page(ADA)).todos == ()
    assert (await todos.page(BOB)).todos == (kept,)


async def test_the_same_idempotency_key_of_a_user_creates_once(todos: Todos) -> None:
    new = replace(MILK, idempotency_key="key")
    answers = await asyncio.gather(*(todos.insert(ADA, new) for _ in range(8)))

    assert len({answer.id for answer in answers}) == 1
    assert (await todos.page(ADA)).todos == (answers[0],)
    others = [await todos.insert(BOB, new), await todos.insert(ADA, MILK)]
    others.append(await todos.insert(ADA, MILK))
    assert len({answer.id for answer in (*answers, *others)}) == 4


async def test_the_quota_is_reached_exactly(todos: Todos, shrink: Shrink) -> None:
    shrink("TODO_QUOTA", 2)
    milk, _ = await insert(todos, "Milk", "Bread")
    with pytest.raises(QuotaReached):
        await todos.insert(ADA, MILK)
    await todos.insert(BOB, MILK)
    await todos.delete(ADA, milk.id)
    await todos.insert(ADA, MILK)

    assert len((await todos.page(ADA)).todos) == 2
