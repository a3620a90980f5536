"""Answers of two sides are compared by what they say, not by their ids and times."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from benchmarks.measure.client import Response
from tests.stateful.answers import MadeCall, Side
from tests.stateful.model import Model
from tests.stateful.records import ModelTodo

A, B, C = "a" * 24, "b" * 24, "c" * 24
MORNING, NOON = "2026-01-01T08:00:00Z", "2026-01-01T12:00:00Z"


def todo(id_: str, **changes: object) -> dict[str, Any]:
    new = ModelTodo(id_, "x", "", created_at=MORNING, updated_at=MORNING)
    return asdict(new) | changes


def answer(body: object, status: int = 200, **headers: str) -> Response:
    return Response(status, headers, json.dumps(body).encode(), 0, 0)


def create(side: Side, number: int, id_: str) -> None:
    call = MadeCall(method="POST", path="/todo/", makes=f"todo {number}")
    side.understand(call, answer(todo(id_), 201, etag='"1"'))


READ = MadeCall(method="GET", path="/todo/")


@pytest.fixture
def side() -> Side:
    side = Side()
    create(side, 1, B)
    create(side, 2, A)
    return side


def test_the_model_and_a_side_say_the_same_of_the_same() -> None:
    side, model = Side(), Model("somebody")
    model.register("Ann")
    model.log_in(model.people[0], model.people[0].password)
    call, expected = model.create(model.tokens[0], {"heading": "x", "task": ""})

    told = side.understand(call, answer(todo(A), 201, etag='"1"'))

    assert told == expected


@pytest.mark.parametrize(
    ("ids", "told"),
    [([A, B, C], [C, "todo 1", "todo 2"]), ([A, C, B], ["todo 2", C, "todo 1"])],
    ids=["sorted by id", "in another order"],
)
def test_a_list_sorted_by_id_is_told_in_order_of_creation_and_any_other_stays_wrong(
    side: Side, ids: list[str], told: list[str]
) -> None:
    answered = side.understand(READ, answer([todo(id_) for id_ in ids]))

    assert [item["id"] for item in _items(answered.body)] == told


def test_a_revision_has_one_time_of_change(side: Side) -> None:
    side.understand(READ, answer(todo(A, rev=2, updated_at=NOON)))

    again = side.understand(READ, answer(todo(A, rev=2, updated_at=NOON)))
    older = side.understand(READ, answer(todo(A, rev=2, updated_at=MORNING)))

    assert _fields(again.body)["updated_at"] == "as first told"
    assert older != again


def test_an_older_revision_is_another_answer(side: Side) -> None:
    new = side.understand(READ, answer(todo(A, rev=2), etag='"2"'))
    old = side.understand(READ, answer(todo(A, rev=1), etag='"1"'))

    assert old != new


def _items(body: object) -> list[dict[str, Any]]:
    assert isinstance(body, list)
    return body


def _fields(body: object) -> dict[str, Any]:
    assert isinstance(body, dict)
    return body
