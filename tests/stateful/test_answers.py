"""Answers of two sides are compared by what they say, not by their ids and times."""

import json
from typing import Any

import pytest

from benchmarks.measure.client import Response
from tests.stateful.answers import MadeCall, Side
from tests.stateful.model import Model

A, B, C = "a" * 24, "b" * 24, "c" * 24
MORNING, NOON = "2026-01-01T08:00:00Z", "2026-01-01T12:00:00Z"


def todo(id_: str, *, rev: int = 1, updated_at: str = MORNING) -> dict[str, Any]:
    return {
        "id": id_,
        "heading": "x",
        "task": "",
        "completion_time": None,
        "completed": False,
        "reminder_sent": False,
        "rev": rev,
        "created_at": MORNING,
        "updated_at": updated_at,
    }


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


def test_a_list_sorted_by_id_is_the_list_in_order_of_creation(side: Side) -> None:
    told = side.understand(READ, answer([todo(A), todo(B)]))

    assert [item["id"] for item in _items(told.body)] == ["todo 1", "todo 2"]


def test_a_list_in_any_other_order_stays_wrong(side: Side) -> None:
    create(side, 3, C)

    told = side.understand(READ, answer([todo(A), todo(C), todo(B)]))

    assert [item["id"] for item in _items(told.body)] == ["todo 2", "todo 3", "todo 1"]


def test_an_id_that_nobody_made_stays_as_it_is(side: Side) -> None:
    told = side.understand(READ, answer(todo(C)))

    assert _fields(told.body)["id"] == C


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
