from datetime import UTC
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from service.api.schemas import (
    AdminCacheIn,
    LoginIn,
    ProfileIn,
    RegisterIn,
    TodoChangeIn,
    TodoIn,
)

REGISTER = {"name": "Ada", "email": "ada@example.com", "password": "12345678"}
LOGIN = {"email": "ada@example.com", "password": "x"}
TODO = {"heading": "Milk", "task": ""}

GOOD: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (RegisterIn, REGISTER),
    (RegisterIn, REGISTER | {"name": "x" * 100, "password": "x" * 128}),
    (LoginIn, LOGIN),
    (LoginIn, LOGIN | {"password": ""}),
    (ProfileIn, {}),
    (ProfileIn, {"name": None}),
    (TodoIn, TODO),
    (TodoIn, TODO | {"heading": "x" * 200, "task": "x" * 10_000}),
    (TodoIn, TODO | {"completion_time": None}),
    (TodoChangeIn, {"completed": True}),
    (TodoChangeIn, {"completion_time": None}),
    (AdminCacheIn, {"enabled": False}),
]
WRONG: list[tuple[type[BaseModel], dict[str, Any], str]] = [
    (RegisterIn, REGISTER | {"name": ""}, "name"),
    (RegisterIn, REGISTER | {"name": " \t "}, "name"),
    (RegisterIn, REGISTER | {"name": "x" * 101}, "name"),
    (RegisterIn, REGISTER | {"name": 7}, "name"),
    (RegisterIn, REGISTER | {"name": "\ud800"}, "name"),
    (RegisterIn, REGISTER | {"email": "ada"}, "email"),
    (RegisterIn, REGISTER | {"email": f"{'a' * 250}@example.com"}, "email"),
    (RegisterIn, REGISTER | {"password": "1234567"}, "password"),
    (RegisterIn, REGISTER | {"password": "x" * 129}, "password"),
    (RegisterIn, REGISTER | {"role": "admin"}, "role"),
    (LoginIn, LOGIN | {"password": "x" * 129}, "password"),
    (LoginIn, {"email": "ada@example.com"}, "password"),
    (ProfileIn, {"password": "short"}, "password"),
    (ProfileIn, {"token_generation": 0}, "token_generation"),
    (TodoIn, TODO | {"heading": ""}, "heading"),
    (TodoIn, TODO | {"heading": "x" * 201}, "heading"),
    (TodoIn, TODO | {"heading": 1}, "heading"),
    (TodoIn, TODO | {"heading": "\ud800"}, "heading"),
    (TodoIn, TODO | {"task": "x" * 10_001}, "task"),
    (TodoIn, TODO | {"task": "\ud800"}, "task"),
    (TodoIn, TODO | {"user_id": "a" * 24}, "user_id"),
    (TodoIn, TODO | {"completion_time": 1_900_000_000}, "completion_time"),
    (TodoIn, TODO | {"completion_time": "soon"}, "completion_time"),
    (TodoIn, TODO | {"completion_time": "1900000000"}, "completion_time"),
    (TodoIn, TODO | {"completion_time": "1969-12-31T23:59:59Z"}, "completion_time"),
    (TodoIn, TODO | {"completion_time": "2200-01-01T00:00:00Z"}, "completion_time"),
    (TodoIn, TODO | {"completion_time": "2199-12-31T23:59:59-01:00"}, "completion_time"),
    (TodoIn, TODO | {"completion_time": "0001-01-01T00:00:00+14:00"}, "completion_time"),
    (TodoIn, TODO | {"completion_time": "9999-12-31T23:59:59-14:00"}, "completion_time"),
    (TodoChangeIn, {"completed": "yes"}, "completed"),
    (TodoChangeIn, {"completed": None}, "completed"),
    (TodoChangeIn, {"heading": None}, "heading"),
    (TodoChangeIn, {"reminder_sent": 1}, "reminder_sent"),
    (TodoChangeIn, {"completion_time": "9999-12-31T23:59:59-14:00"}, "completion_time"),
    (TodoChangeIn, {"rev": 7}, "rev"),
    (TodoChangeIn, {"user_id": "a" * 24}, "user_id"),
    (TodoChangeIn, {"$set": {"user_id": "a" * 24}}, "$set"),
    (TodoChangeIn, {"heading": {"$ne": None}}, "heading"),
    (AdminCacheIn, {"enabled": 1}, "enabled"),
]


@pytest.mark.parametrize(("schema", "given"), GOOD)
def test_what_is_within_the_bounds_is_taken(schema: type[BaseModel], given: dict[str, Any]) -> None:
    schema.model_validate(given)


@pytest.mark.parametrize(("schema", "given", "field"), WRONG)
def test_what_is_out_of_bounds_is_refused_with_its_field(
    schema: type[BaseModel], given: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as error:
        schema.model_validate(given)

    assert [problem["loc"] for problem in error.value.errors()] == [(field,)]


def test_a_change_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one field"):
        TodoChangeIn.model_validate({})


def test_a_password_is_taken_as_it_is() -> None:
    given = {"email": "ADA@Example.COM", "name": " Ada ", "password": "  pass word  "}
    new = RegisterIn.model_validate(given)

    assert (new.email, new.name) == ("ada@example.com", "Ada")
    assert new.password == "  pass word  "


@pytest.mark.parametrize(
    ("text", "hour", "microsecond"),
    [
        ("2030-01-02T03:04:05.678999Z", 3, 678_000),
        ("2030-01-02T03:04:05.678+02:00", 1, 678_000),
        ("2030-01-02T03:04:05", 3, 0),
        ("2030-01-02", 0, 0),
    ],
)
def test_an_instant_is_turned_into_utc_and_cut_to_the_millisecond(
    text: str, hour: int, microsecond: int
) -> None:
    instant = TodoIn.model_validate(TODO | {"completion_time": text}).completion_time

    assert instant is not None
    assert instant.tzinfo is UTC
    assert (instant.hour, instant.microsecond) == (hour, microsecond)


def test_a_body_has_the_fields_that_a_todo_lets_clients_set() -> None:
    new, change = TodoIn.model_json_schema(), TodoChangeIn.model_json_schema()

    assert [*new["properties"]] == ["heading", "task", "completion_time"]
    assert new["required"] == ["heading", "task"]
    assert [*change["properties"]] == [
        "heading",
        "task",
        "completed",
        "completion_time",
        "reminder_sent",
    ]
    assert "required" not in change
    left_out = TodoChangeIn.model_validate({"completion_time": None})
    assert left_out.model_dump(exclude_unset=True) == {"completion_time": None}
