"""Every method of the database says ``DatabaseUnavailable`` when nobody answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from pymongo import AsyncMongoClient

from service.adapters.mongo import client as mongo_client
from service.adapters.mongo.client import Document, Indexes
from service.adapters.mongo.todos import MongoTodos
from service.adapters.mongo.users import MongoUsers
from service.domain import AccountChange, NewAccount, TodoChange, TodoId, TokenId, UserId
from service.errors import DatabaseUnavailable
from service.ports import Todos, Users
from tests.fakes import FakeTodos, FakeUsers, new_todo

ADA, MILK = UserId("a" * 24), TodoId("1" * 24)

CALLS_OF_USERS: dict[str, Callable[[Users], Awaitable[object]]] = {
    "insert": lambda users: users.insert(NewAccount("Ada", "ada@example.com", "hash")),
    "find": lambda users: users.find(ADA),
    "find_credentials": lambda users: users.find_credentials("ada@example.com"),
    "update": lambda users: users.update(ADA, AccountChange(name="Ada")),
    "revoke": lambda users: users.revoke(ADA, TokenId("token"), 0.0),
    "delete": lambda users: users.delete(ADA),
}
CALLS_OF_TODOS: dict[str, Callable[[Todos], Awaitable[object]]] = {
    "page": lambda todos: todos.page(ADA),
    "find": lambda todos: todos.find(ADA, MILK),
    "insert": lambda todos: todos.insert(ADA, new_todo("Milk", "")),
    "update": lambda todos: todos.update(ADA, MILK, TodoChange({"completed": True})),
    "delete": lambda todos: todos.delete(ADA, MILK),
    "delete_all": lambda todos: todos.delete_all(ADA),
}


@pytest.fixture
async def nobody(tmp_path: Path) -> AsyncIterator[AsyncMongoClient[Document]]:
    """Return the service's own client, where nobody listens, with little patience.

    A Unix socket, because an attempt to reach it cannot be cut off half-way, which would leave an
    open socket behind.
    """
    path = quote(str(tmp_path / "nobody.sock"), safe="")
    async with mongo_client.connect(f"mongodb://{path}/", deadline_s=0.05) as client:
        yield client


@pytest.fixture(params=["fake", "nobody"])
def gone(request: pytest.FixtureRequest) -> tuple[Users, Todos]:
    if request.param == "fake":
        users, todos = FakeUsers(), FakeTodos()
        users.down = todos.down = True
        return users, todos
    database = request.getfixturevalue("nobody")["test"]
    indexes = Indexes(database)
    mongo_todos = MongoTodos(database, indexes, on_bad_document=lambda _: None)
    return MongoUsers(database, indexes), mongo_todos


@pytest.mark.parametrize("name", CALLS_OF_USERS)
async def test_every_call_of_users_fails(name: str, gone: tuple[Users, Todos]) -> None:
    with pytest.raises(DatabaseUnavailable):
        await CALLS_OF_USERS[name](gone[0])


@pytest.mark.parametrize("name", CALLS_OF_TODOS)
async def test_every_call_of_todos_fails(name: str, gone: tuple[Users, Todos]) -> None:
    with pytest.raises(DatabaseUnavailable):
        await CALLS_OF_TODOS[name](gone[1])


@pytest.mark.parametrize(("port", "calls"), [(Users, CALLS_OF_USERS), (Todos, CALLS_OF_TODOS)])
def test_no_method_of_a_port_is_forgotten_here(port: type, calls: dict[str, object]) -> None:
    assert {name for name in vars(port) if not name.startswith("_")} == calls.keys()
