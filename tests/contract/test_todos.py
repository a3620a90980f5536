"""What every ``Todos`` promises."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import AsyncMock

import pytest
from bson import ObjectId

from service.adapters.mongo.client import Database, Document
from service.adapters.mongo.todos import MongoTodos
from service.domain import Revisions, Todo, TodoChange, TodoId, TodoPage, UserId, now
from service.errors import InvalidToken, KeyReused, NotFound, QuotaReached, RevisionMismatch
from service.ports import Todos
from tests.contract.cache_setup import MONGODB
from tests.contract.conftest import Store, mongo_store
from tests.fakes import new_todo

ADA, BOB = UserId("a" * 24), UserId("b" * 24)
MILK = new_todo("Milk", "Two litres", completion_time=datetime(2030, 1, 2, 3, 4, 5, 678_000, UTC))
NO_TODO = TodoId("0" * 24)
Shrink = Callable[[str, int], None]


@pytest.fixture(autouse=True)
async def _owners(store: Store) -> None:
    """Give the todos' owners an account."""
    if isinstance(store.todos, MongoTodos):
        owners = [{"_id": ObjectId(user), "email": user} for user in (ADA, BOB)]
        await store.todos._users.insert_many(owners)


@pytest.fixture
def processes(database: Database) -> list[MongoTodos]:
    """Return the todos of two service processes on one database."""
    found = [mongo_store(database).todos for _ in range(2)]
    return [todos for todos in found if isinstance(todos, MongoTodos)]


async def insert(todos: Todos, *headings: str) -> list[Todo]:
    return [await todos.insert(ADA, new_todo(heading, "")) for heading in headings]


async def document(database: Database, todo: Todo) -> Document:
    stored = await database["todos"].find_one({"_id": ObjectId(todo.id)})
    assert stored is not None
    return stored


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


async def test_a_part_of_the_todos_is_as_long_as_asked_for_and_of_one_kind(todos: Todos) -> None:
    one, two, three, four = await insert(todos, "1", "2", "3", "4")
    done = [
        await todos.update(ADA, each.id, TodoChange({"completed": True})) for each in (two, four)
    ]

    assert await todos.page(ADA, limit=2) == TodoPage((one, done[0]), two.id)
    assert await todos.page(ADA, limit=2, after=two.id) == TodoPage((three, done[1]), None)
    assert await todos.page(ADA, completed=True) == TodoPage(tuple(done), None)
    assert await todos.page(ADA, completed=True, limit=1) == TodoPage((done[0],), two.id)
    assert await todos.page(ADA, completed=False, after=one.id) == TodoPage((three,), None)


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
    change = TodoChange({"completed": True}, Revisions({milk.rev}))
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


async def test_what_asks_for_other_revisions_neither_changes_nor_deletes(todos: Todos) -> None:
    [milk] = await insert(todos, "Milk")
    seen = await todos.update(ADA, milk.id, TodoChange({"completed": True}))
    for other in (Revisions({1}), Revisions(None, {2, 7}), Revisions({2}, {2, 7})):
        with pytest.raises(RevisionMismatch):
            await todos.update(ADA, milk.id, TodoChange({"task": ""}, other))
        with pytest.raises(RevisionMismatch):
            await todos.delete(ADA, milk.id, other)
    unchanged = await todos.find(ADA, milk.id)
    await todos.update(ADA, milk.id, TodoChange({"task": ""}, Revisions({2, 7}, {1})))
    await todos.delete(ADA, milk.id, Revisions({3, 7}, {1}))

    assert unchanged == seen
    assert await todos.find(ADA, milk.id) is None


async def test_what_does_not_exist_is_not_found_whatever_its_revision(todos: Todos) -> None:
    for wanted in (None, {1}):
        with pytest.raises(NotFound):
            await todos.update(ADA, NO_TODO, TodoChange({"completed": True}, Revisions(wanted)))
        with pytest.raises(NotFound):
            await todos.delete(ADA, NO_TODO, Revisions(wanted, {1}))

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
    for other in ({"heading": "Bread"}, {"task": ""}, {"completion_time": now()}):
        with pytest.raises(KeyReused):
            await todos.insert(ADA, replace(new, fields={**new.fields, **other}))
    await todos.update(ADA, answers[0].id, TodoChange({"heading": "Bread"}))
    assert (await todos.insert(ADA, new)).heading == "Bread"
    others = [await todos.insert(BOB, new), await todos.insert(ADA, MILK)]
    others.append(await todos.insert(ADA, MILK))
    assert len({answer.id for answer in (*answers, *others)}) == 4


async def test_an_idempotency_key_is_forgotten_with_the_todo_that_it_made(todos: Todos) -> None:
    made = await todos.insert(ADA, replace(MILK, idempotency_key="key"))
    await todos.delete(ADA, made.id)
    again = await todos.insert(ADA, new_todo("Bread", "", idempotency_key="key"))

    assert (await todos.page(ADA)).todos == (again,)


async def test_the_quota_is_reached_exactly(todos: Todos, shrink: Shrink) -> None:
    shrink("TODO_QUOTA", 2)
    milk, _ = await insert(todos, "Milk", "Bread")
    with pytest.raises(QuotaReached):
        await todos.insert(ADA, MILK)
    await todos.insert(BOB, MILK)
    await todos.delete(ADA, milk.id)
    await todos.insert(ADA, MILK)

    assert len((await todos.page(ADA)).todos) == 2


@pytest.mark.parametrize("store", [MONGODB], indirect=True)
async def test_the_quota_holds_for_creates_of_several_processes_at_once(
    store: Store, processes: list[MongoTodos], shrink: Shrink
) -> None:
    shrink("TODO_QUOTA", 5)
    creates = [processes[number % 2].insert(ADA, MILK) for number in range(16)]
    answers = await asyncio.gather(*creates, return_exceptions=True)
    made = [answer for answer in answers if isinstance(answer, Todo)]

    assert sum(isinstance(answer, QuotaReached) for answer in answers) == 11
    assert {todo.id for todo in (await store.todos.page(ADA)).todos} == {todo.id for todo in made}


@pytest.mark.parametrize("store", [MONGODB], indirect=True)
async def test_a_todo_comes_behind_one_that_a_process_of_an_earlier_version_made_in_the_same_moment(
    store: Store, database: Database
) -> None:
    [milk] = await insert(store.todos, "Milk")
    stored = await document(database, milk)
    # What that version's driver would give: the second, then what is the same for a process.
    old = stored | {"_id": ObjectId(f"{int(milk.created_at.timestamp()):08x}{'f' * 16}")}
    await database["todos"].delete_many({})
    await database["todos"].insert_one(old)
    await insert(store.todos, "Bread", "Butter")
    page = await store.todos.page(ADA)

    assert [todo.heading for todo in page.todos] == ["Milk", "Bread", "Butter"]
    rest = (await store.todos.page(ADA, after=page.todos[0].id)).todos
    assert [todo.heading for todo in rest] == ["Bread", "Butter"]


@pytest.mark.parametrize("store", [MONGODB], indirect=True)
async def test_todos_come_in_the_order_of_their_ids_in_whatever_order_they_were_stored(
    store: Store, database: Database
) -> None:
    [milk] = await insert(store.todos, "Milk")
    stored = await document(database, milk)
    todos = [stored | {"_id": ObjectId()} for _ in range(30)]
    await database["todos"].insert_many(random.Random(15).sample(todos, len(todos)))
    ids = [todo.id for todo in (await store.todos.page(ADA)).todos]

    assert ids == sorted([milk.id, *(str(todo["_id"]) for todo in todos)])


@pytest.mark.parametrize("store", [MONGODB], indirect=True)
async def test_todos_that_processes_make_in_turn_come_in_this_order_and_no_id_is_given_again(
    store: Store, processes: list[MongoTodos]
) -> None:
    made = [(await processes[number % 2].insert(ADA, MILK)).id for number in range(6)]
    listed = [todo.id for todo in (await store.todos.page(ADA)).todos]
    await store.todos.delete(ADA, made[-1])
    [bread] = await insert(store.todos, "Bread")

    assert listed == made
    assert (await store.todos.page(ADA, after=made[-1])).todos == (bread,)


@pytest.mark.parametrize("store", [MONGODB], indirect=True)
async def test_a_todo_that_lists_may_have_shown_keeps_its_id_also_beside_one_of_another_process(
    store: Store, processes: list[MongoTodos], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, fast = processes
    drawn = await slow._next_id(ADA, 1)
    monkeypatch.setattr(slow, "_next_id", AsyncMock(return_value=drawn))
    [seen] = await insert(fast, "Fast")
    [late] = await insert(slow, "Slow")

    assert late.id == drawn
    assert (await store.todos.page(ADA)).todos == (late, seen)


@pytest.mark.parametrize("store", [MONGODB], indirect=True)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_create_that_races_the_end_of_its_account_leaves_no_todo(
    store: Store, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    todos = store.todos
    assert isinstance(todos, MongoTodos)
    next_id = todos._next_id

    async def racing(user: UserId, size: int) -> TodoId:
        drawn = await next_id(user, size) if when == "after" else None
        await store.users.delete(user)
        await todos.delete_all(user)
        return drawn or await next_id(user, size)

    monkeypatch.setattr(todos, "_next_id", racing)
    with pytest.raises(InvalidToken):
        await insert(todos, "Milk")

    assert (await todos.page(ADA)).todos == ()


@pytest.mark.parametrize("store", [MONGODB], indirect=True)
async def test_a_page_ends_where_it_would_have_too_many_bytes_and_has_one_todo_in_any_case(
    store: Store, shrink: Shrink
) -> None:
    shrink("PAGE_BYTES", 3000)
    for number in range(5):
        await store.todos.insert(ADA, new_todo(str(number), "x" * (5000 if number == 2 else 1000)))
    pages, after = [], None
    while True:
        page = await store.todos.page(ADA, after=after)
        pages.append([todo.heading for todo in page.todos])
        if (after := page.rest_after) is None:
            break

    assert pages == [["0", "1"], ["2"], ["3", "4"]]


@pytest.mark.parametrize("store", [MONGODB], indirect=True)
async def test_the_quota_of_bytes_counts_what_is_there_and_nothing_that_was_removed(
    store: Store, shrink: Shrink
) -> None:
    shrink("TODO_BYTES_QUOTA", 10_000)
    novel = new_todo("Novel", "x" * 4000)
    first, _ = [await store.todos.insert(ADA, novel) for _ in range(2)]
    with pytest.raises(QuotaReached):
        await store.todos.insert(ADA, novel)
    await store.todos.insert(BOB, novel)
    await store.todos.delete(ADA, first.id)
    again = await store.todos.insert(ADA, novel)
    small = await store.todos.insert(ADA, new_todo("Small", ""))
    with pytest.raises(QuotaReached):
        await store.todos.update(ADA, small.id, TodoChange({"task": "x" * 4000}))
    await store.todos.delete(ADA, again.id)
    changed = await store.todos.update(ADA, small.id, TodoChange({"task": "x" * 4000}))

    assert len(changed.task) == 4000


@pytest.mark.parametrize("store", [MONGODB], indirect=True)
async def test_a_document_that_is_no_todo_or_has_a_strange_id_costs_one_todo_and_is_named(
    store: Store, database: Database, shrink: Shrink
) -> None:
    milk, bread = await insert(store.todos, "Milk", "Bread")
    stored = await document(database, bread)
    last = TodoId("f" * 24)
    await database["todos"].insert_many(
        [stored | {"_id": 7}, stored | {"_id": ObjectId(last), "created_at": "once"}]
    )
    page = await store.todos.page(ADA)
    shrink("PAGE_SIZE", 1)
    first = await store.todos.page(ADA)
    assert first.rest_after is not None

    assert page == TodoPage((milk, bread), None)
    assert [why.split(" ")[1] for why in store.left_out[:2]] == ["7", last]
    assert (await store.todos.page(ADA, after=first.rest_after)).todos == (milk,)
    assert await store.todos.find(ADA, last) is None
    with pytest.raises(NotFound):
        await store.todos.update(ADA, last, TodoChange({"completed": True}))
    await store.todos.delete(ADA, last)
