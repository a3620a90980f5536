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
NO_INSTANTS = [
    *(1_900_000_000, "soon", "1900000000", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z"),
    *("2199-12-31T23:59:59-01:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
]
Rows = list[tuple[type[BaseModel], dict[str, Any], str, list[Any], list[Any]]]
# A body, what is right in the others' place, a field, and what it takes and refuses.
FIELDS: Rows = [
    (RegisterIn, REGISTER, "name", ["x" * 100], ["", " \t ", "x" * 101, 7, "\ud800"]),
    (RegisterIn, REGISTER, "email", [], ["ada", f"{'a' * 250}@example.com"]),
    (RegisterIn, REGISTER, "password", ["x" * 128], ["1234567", "x" * 129]),
    (RegisterIn, REGISTER, "role", [], ["admin"]),
    (LoginIn, LOGIN, "password", [""], ["x" * 129]),
    (ProfileIn, {}, "name", [None], []),
    (ProfileIn, {}, "password", [], ["short"]),
    (ProfileIn, {}, "token_generation", [], [0]),
    (TodoIn, TODO, "heading", ["x" * 200], ["", "x" * 201, 1, "\ud800"]),
    (TodoIn, TODO, "task", ["", "x" * 10_000], ["x" * 10_001, "\ud800"]),
    (TodoIn, TODO, "user_id", [], ["a" * 24]),
    (TodoIn, TODO, "completion_time", [None], NO_INSTANTS),
    (TodoChangeIn, {}, "completion_time", [None], NO_INSTANTS),
    (TodoChangeIn, {}, "completed", [True], ["yes", None]),
    (TodoChangeIn, {}, "heading", [], [None, {"$ne": None}]),
    (TodoChangeIn, {}, "reminder_sent", [], [1]),
    (TodoChangeIn, {}, "rev", [], [7]),
    (TodoChangeIn, {}, "user_id", [], ["a" * 24]),
    (TodoChangeIn, {}, "$set", [], [{"user_id": "a" * 24}]),
    (AdminCacheIn, {}, "enabled", [False], [1]),
]


@pytest.mark.parametrize(("schema", "others", "field", "right", "wrong"), FIELDS)
def test_what_is_out_of_bounds_is_refused_with_its_field(
    schema: type[BaseModel], others: dict[str, Any], field: str, right: list[Any], wrong: list[Any]
) -> None:
    for value in right:
        schema.model_validate(others | {field: value})
    for value in wrong:
        with pytest.raises(ValidationError) as error:
            schema.model_validate(others | {field: value})
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

    assert {*new["properties"]} == {"heading", "task", "completion_time"}
    assert {*change["properties"]} - {*new["properties"]} == {"completed", "reminder_sent"}
    assert (new["required"], change.get("required")) == (["heading", "task"], None)
    left_out = TodoChangeIn.model_validate({"completion_time": None})
    assert left_out.model_dump(exclude_unset=True) == {"completion_time": None}
