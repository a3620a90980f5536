"""Every method of the database says ``DatabaseUnavailable`` when nobody answers."""

from typing import Any

import pytest

from service.adapters.mongo.client import Database, Indexes
from service.adapters.mongo.fence import MongoFenceStore
from service.adapters.mongo.todos import MongoTodos
from service.adapters.mongo.users import MongoUsers
from service.coherence.fence import FenceStore
from service.domain import AccountChange, NewAccount, TodoChange, TodoId, TokenId, UserId
from service.errors import DatabaseUnavailable
from service.ports import Todos, Users
from tests.contract.cache_setup import FENCE
from tests.fakes import new_todo

ADA, MILK = UserId("a" * 24), TodoId("1" * 24)
CALLS: dict[type, dict[str, tuple[object, ...]]] = {
    Users: {
        "insert": (NewAccount("Ada", "ada@example.com", "hash"),),
        "find": (ADA,),
        "find_credentials": ("ada@example.com",),
        "update": (ADA, AccountChange(name="Ada")),
        "revoke": (ADA, TokenId("token"), 0.0),
        "remember": (ADA, "address"),
        "delete": (ADA,),
    },
    Todos: {
        "page": (ADA,),
        "find": (ADA, MILK),
        "insert": (ADA, new_todo("Milk", "")),
        "update": (ADA, MILK, TodoChange({"completed": True})),
        "delete": (ADA, MILK),
        "delete_all": (ADA,),
    },
    FenceStore: {
        "origin": (),
        "read": (),
        "create": (FENCE,),
        "replace": (FENCE, FENCE.fenced("lost")),
        "pin": (),
    },
}


@pytest.mark.parametrize("port", CALLS)
async def test_every_call_of_a_database_that_is_gone_fails(
    port: type, closed_database: Database
) -> None:
    indexes = Indexes(closed_database)
    gone: dict[type, Any] = {
        Users: MongoUsers(closed_database, indexes),
        Todos: MongoTodos(closed_database, indexes, on_bad_document=lambda _: None),
        FenceStore: MongoFenceStore(closed_database),
    }
    for name in vars(port):
        if not name.startswith("_"):
            with pytest.raises(DatabaseUnavailable):
                await getattr(gone[port], name)(*CALLS[port][name])
