"""One todo, picked from the list or asked for behind it."""

import pytest

from service.adapters.database import DatabaseRepository
from service.codec import encode_todos
from service.domain import (
    Account,
    CachedValue,
    NewAccount,
    Snapshot,
    Todo,
    TodoList,
    TodoSnapshot,
    UserId,
)
from service.listed import todo_from_list
from service.outcomes import CORRUPT, PAGED
from service.ports import Slots
from tests.fakes import FakeTodos, FakeUsers, new_todo

LATER = "f" * 24


class Listed:
    """``Reads`` that know one list."""

    def __init__(self, account: Account | None, todos: TodoList | None) -> None:
        self._snapshot = Snapshot(account, todos)

    async def read(self, user_id: UserId, slots: Slots) -> Snapshot:
        del user_id, slots
        return self._snapshot


class Desk:
    """A database with one user who has one todo."""

    def __init__(self) -> None:
        self.users, self.todos = FakeUsers(), FakeTodos()
        self.plain = DatabaseRepository(self.users, self.todos)

    async def open(self) -> tuple[Account, Todo]:
        ada = await self.users.insert(NewAccount("Ada", "ada@example.com", "hash"))
        return ada, await self.todos.insert(ada.id, new_todo("Milk", "Two litres"))


async def test_a_todo_of_the_list_costs_no_database_read() -> None:
    desk = Desk()
    ada, milk = await desk.open()
    listed = Listed(ada, TodoList(encode_todos((milk,)), None))

    assert await todo_from_list(listed, desk.plain, ada.id, milk.id) == TodoSnapshot(ada, milk)
    assert desk.todos.calls["find"] == 0


async def test_a_todo_that_a_whole_list_lacks_does_not_exist() -> None:
    desk = Desk()
    ada, milk = await desk.open()

    listed = Listed(ada, TodoList(b"[]", None))

    assert await todo_from_list(listed, desk.plain, ada.id, milk.id) == TodoSnapshot(ada, None)
    assert desk.todos.calls["find"] == 0


@pytest.mark.parametrize(
    ("body", "rest_after", "why"), [(b"[]", LATER, PAGED), (b"[oops]", None, CORRUPT)]
)
async def test_one_behind_the_list_is_asked_for_and_says_why(
    body: bytes, rest_after: str | None, why: str
) -> None:
    desk = Desk()
    ada, milk = await desk.open()
    listed = Listed(ada, TodoList(body, rest_after))  # type: ignore[arg-type]
    found = await todo_from_list(listed, desk.plain, ada.id, milk.id)

    assert found == TodoSnapshot(ada, milk)
    assert found.outcomes == {CachedValue.USER: why, CachedValue.TODOS: why}
