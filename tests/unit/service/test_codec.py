from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.adapters.database import DatabaseRepository
from service.codec import decode_todos, encode_todo, encode_todos, todo_in_list
from service.domain import (
    CachedValue,
    NewAccount,
    Snapshot,
    Todo,
    TodoId,
    TodoList,
    TodoSnapshot,
    UserId,
)
from service.trace import CORRUPT, PAGED
from tests.fakes import FakeTodos, FakeUsers, new_todo

ADA, BOB = UserId("a" * 24), UserId("b" * 24)
AT = datetime(2030, 1, 2, 3, 4, 5, 678_000, UTC)
MILK = Todo(TodoId("1" * 24), "Milk", "Zwei Liter äöü", False, AT, AT, None, False, 1)

# A deadline would measure the machine.
unhurried = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])

instants = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - the strategy takes naive bounds
    max_value=datetime(2199, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
ids = st.binary(min_size=12, max_size=12).map(bytes.hex)
# Not all of Unicode, whose tables take Hypothesis seconds to make.
text = st.text('aä🐌"\\\0')
todos = st.builds(
    Todo,
    id=ids.map(TodoId),
    heading=text,
    task=text,
    completed=st.booleans(),
    created_at=instants,
    updated_at=instants,
    completion_time=st.none() | instants,
    reminder_sent=st.booleans(),
    rev=st.integers(0, 2**53),
)


@unhurried
@given(st.lists(todos, max_size=3).map(tuple))
def test_todos_and_lists_survive_the_round_trip(
    values: tuple[Todo, ...],
) -> None:
    body = encode_todos(values)

    assert decode_todos(body) == values
    assert encode_todos(decode_todos(body)) == body
    assert body == b"[" + b",".join(encode_todo(todo) for todo in values) + b"]"


def test_a_body_is_what_clients_rely_on() -> None:
    assert encode_todo(MILK).decode() == (
        '{"id":"111111111111111111111111","heading":"Milk","task":"Zwei Liter äöü",'
        '"completed":false,"created_at":"2030-01-02T03:04:05.678000Z",'
        '"updated_at":"2030-01-02T03:04:05.678000Z","completion_time":null,'
        '"reminder_sent":false,"rev":1}'
    )


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
