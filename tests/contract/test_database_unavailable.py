"""Every method of the database says ``DatabaseUnavailable`` when nobody answers."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from service.adapters.mongo.client import Indexes
from service.adapters.mongo.fence import MongoFenceStore
from service.adapters.mongo.todos import MongoTodos
from service.adapters.mongo.users import MongoUsers
from service.coherence.fence import FenceStore
from service.domain import AccountChange, NewAccount, TodoChange, TodoId, TokenId, UserId
from service.errors import DatabaseUnavailable
from service.ports import Todos, Users
from tests.contract.cache_setup import FENCE
from tests.fakes import FakeTodos, FakeUsers, new_todo
from tests.fakes_coherence import FakeFenceStore

ADA, MILK = UserId("a" * 24), TodoId("1" * 24)

CALLS_OF_USERS: dict[str, Callable[[Users], Awaitable[object]]] = {
    "insert": lambda users: users.insert(NewAccount("Ada", "ada@example.com", "hash")),
    "find": lambda users: users.find(ADA),
    "find_credentials": lambda users: users.find_credentials("ada@example.com"),
    "update": lambda users: users.update(ADA, AccountChange(name="Ada")),
    "revoke": lambda users: users.revoke(ADA, TokenId("token"), 0.0),
    "remember": lambda users: users.remember(ADA, "address"),
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


CALLS_OF_FENCES: dict[str, Callable[[FenceStore], Awaitable[object]]] = {
    "origin": lambda store: store.origin(),
    "read": lambda store: store.read(),
    "create": lambda store: store.create(FENCE),
    "replace": lambda store: store.replace(FENCE, FENCE.fenced("lost")),
    "pin": lambda store: store.pin(),
}
PORTS: list[tuple[type, dict[str, Any]]] = [
    (Users, CALLS_OF_USERS),
    (Todos, CALLS_OF_TODOS),
    (FenceStore, CALLS_OF_FENCES),
]


@pytest.fixture(params=["fake", "nobody"])
def gone(request: pytest.FixtureRequest) -> dict[type, Any]:
    """Return what implements each port, over a database that is gone."""
    if request.param == "fake":
        users, todos, fence = FakeUsers(), FakeTodos(), FakeFenceStore()
        users.down = todos.down = fence.down = True
        return {Users: users, Todos: todos, FenceStore: fence}
    database = request.getfixturevalue("closed_database")
    indexes = Indexes(database)
    return {
        Users: MongoUsers(database, indexes),
        Todos: MongoTodos(database, indexes, on_bad_document=lambda _: None),
        FenceStore: MongoFenceStore(database),
    }


@pytest.mark.parametrize(("port", "calls"), PORTS)
async def test_every_call_of_a_database_that_is_gone_fails(
    port: type, calls: dict[str, Any], gone: dict[type, Any]
) -> None:
    for call in calls.values():
        with pytest.raises(DatabaseUnavailable):
            await call(gone[port])


@pytest.mark.parametrize(("port", "calls"), PORTS)
def test_no_method_of_a_port_is_forgotten_here(port: type, calls: dict[str, object]) -> None:
    assert {name for name in vars(port) if not name.startswith("_")} == calls.keys()
