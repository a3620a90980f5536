from functools import cache
from typing import Any

import pytest
from bson import ObjectId

from benchmarks.stack.dataset import Dataset, fresh_database, make_dataset, write_dataset
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.fake_servers import FakeMongo

USER_FIELDS = {
    "_id", "name", "email", "password_hash", "created_at", "updated_at", "token_generation",
    "revoked_tokens",
}  # fmt: skip
TODO_FIELDS = {
    "_id", "user_id", "heading", "task", "completed", "created_at", "updated_at",
    "completion_time", "reminder_sent", "rev",
}  # fmt: skip


@cache
def dataset(seed: int = 1, *, todos_per_user: int = 20, payload_bytes: int = 50) -> Dataset:
    return make_dataset(
        seed=seed, users=3, todos_per_user=todos_per_user, payload_bytes=payload_bytes
    )


def test_the_same_seed_makes_the_same_documents() -> None:
    assert dataset() == dataset.__wrapped__()
    assert dataset() != dataset(seed=2)


def test_documents_have_the_fields_of_the_service() -> None:
    made = dataset()
    instants = [todo[name] for todo in made.todos for name in ("created_at", "updated_at")]

    assert all(set(user) == USER_FIELDS for user in made.users)
    assert all(set(todo) == TODO_FIELDS for todo in made.todos)
    assert {type(todo["_id"]) for todo in made.todos} == {ObjectId}
    assert all(user["email"] == user["email"].lower() for user in made.users)
    assert all(instant.utcoffset().total_seconds() == 0 for instant in instants)
    assert all(instant.microsecond % 1000 == 0 for instant in instants)


def test_every_user_has_the_asked_number_of_todos_whose_ids_follow_the_time_of_creation() -> None:
    made = dataset()
    todos = sorted(made.todos, key=lambda todo: todo["_id"])
    seconds = [int(todo["created_at"].timestamp()) for todo in todos]
    counts = [sum(todo["user_id"] == user["_id"] for todo in todos) for user in made.users]

    assert counts == [20] * 3
    assert len({todo["_id"] for todo in todos}) == 60
    assert seconds == sorted(seconds)


def test_task_texts_have_exactly_the_asked_size_in_utf8() -> None:
    for size in (1, 7, 50, 333):
        assert {len(todo["task"].encode()) for todo in dataset(payload_bytes=size).todos} == {size}


def test_writing_leaves_the_documents_as_they_are_for_the_next_variant() -> None:
    made, mongo = dataset(todos_per_user=400), FakeMongo()
    name = made.users[0]["name"]

    write_dataset(made, mongo.get_database("one"))
    mongo.databases["one"]["users"].documents[0]["name"] = "changed"
    write_dataset(made, mongo.get_database("two"))

    assert mongo.databases["two"]["users"].documents == list(made.users)
    assert mongo.databases["two"]["todos"].documents == list(made.todos)
    assert made.users[0]["name"] == name


def fill_and_break(mongo: Any) -> None:
    with fresh_database(mongo, "mine") as database:
        assert database.list_collection_names() == []
        database["users"].insert_many([{"_id": 1}])
        raise RuntimeError


def test_a_fresh_database_is_empty_and_gone_afterwards_however_that_came() -> None:
    mongo = FakeMongo()

    with pytest.raises(RuntimeError):
        fill_and_break(mongo)

    assert "mine" not in mongo.databases


def refused(mongo: Any, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words), fresh_database(mongo, name):
        pytest.fail("it was used")


def test_somebody_else_s_database_of_that_name_is_neither_filled_nor_dropped() -> None:
    mongo = FakeMongo()
    mongo.get_database("theirs")["users"].insert_many([{"_id": 1}])

    refused(mongo, "theirs", "theirs is there already and holds users")

    assert mongo.databases["theirs"]["users"].documents == [{"_id": 1}]
    assert mongo.dropped == []


@pytest.mark.parametrize("right", ["may_list", "may_drop"])
def test_a_user_whose_databases_would_stay_behind_is_refused_before_anything_is_written(
    right: str,
) -> None:
    mongo = FakeMongo()
    setattr(mongo, right, False)

    refused(mongo, "mine", r"user of MONGODB_URL may not .* dbAdminAnyDatabase")
