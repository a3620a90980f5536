"""What an earlier version of the service stored and cached is read as it was.

``recorded.json`` holds what the version that it names left in MongoDB and Redis: two todos, a
revoked token, both cached values. Its processes and today's run side by side during an update.
"""

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from bson import json_util

from service.adapters.mongo.documents import account_from_document, todo_from_document
from service.codec import encode_todos
from service.coherence.entries import unpack_account, unpack_todos
from service.domain import TodoList

_FILE = Path(__file__).with_name("recorded.json")


@pytest.fixture(scope="module")
def recorded() -> Any:
    return json_util.loads(
        _FILE.read_text(), json_options=json_util.JSONOptions(tz_aware=True, tzinfo=UTC)
    )


def test_the_account_is_the_same_from_the_database_and_from_the_cache(recorded: Any) -> None:
    account = account_from_document(recorded["users"][0])
    entry = recorded["entries"]["user"].encode()

    assert entry[:1] == b"V"
    assert unpack_account(account.id, entry[1:]) == account
    assert (account.name, account.email, account.token_generation) == ("Ada", "ada@example.com", 0)
    assert [*account.revoked] == ["96ab1734-091e-49db-8078-ef116ec41509"]


def test_the_list_is_the_same_from_the_database_and_from_the_cache(recorded: Any) -> None:
    account = account_from_document(recorded["users"][0])
    todos = tuple(todo_from_document(document) for document in recorded["todos"])
    entry = recorded["entries"]["todos"].encode()

    assert unpack_todos(account.id, entry[1:]) == TodoList(encode_todos(todos), None)
    assert [(todo.heading, todo.rev) for todo in todos] == [("Milk", 1), ("Bread", 2)]
    assert json.loads(encode_todos(todos))[1]["completion_time"] == "2026-01-02T03:04:05Z"
