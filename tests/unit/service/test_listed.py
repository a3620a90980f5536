"""One todo, picked from the list or asked for behind it."""

import pytest

from service.adapters.database import DatabaseRepository
from service.codec import encode_todos, todo_in_list
from service.domain import (
    CachedValue,
    NewAccount,
    Snapshot,
    TodoId,
    TodoList,
    TodoSnapshot,
)
from service.trace import CORRUPT, PAGED
from tests.fakes import FakeTodos, FakeUsers, new_todo

LATER = TodoId("f" * 24)


@pytest.mark.parametrize(
    ("listed", "rest_after", "outcome"),
    [("milk", None, None), ("[]", None, None), ("[]", LATER, PAGED), ("[oops]", None, CORRUPT)],
)
async def test_a_todo_is_taken_from_the_list_or_asked_for_behind_it(
    listed: str, rest_after: TodoId | None, outcome: str | None, users: FakeUsers, todos: FakeTodos
) -> None:
    ada = await users.insert(NewAccount("Ada", "ada@example.com", "hash"))
    milk = await todos.insert(ada.id, new_todo("Milk", "Two litres"))
    body = encode_todos((milk,)) if listed == "milk" else listed.encode()
    snapshot = Snapshot(ada, TodoList(body, rest_after))
    found = await todo_in_list(snapshot, DatabaseRepository(users, todos), ada.id, milk.id)

    whole_list_lacks_it = (listed, rest_after) == ("[]", None)
    assert found == TodoSnapshot(ada, None if whole_list_lacks_it else milk)
    assert found.outcomes == (dict.fromkeys(CachedValue, outcome) if outcome else {})
    assert todos.calls["find"] == (1 if outcome else 0)
