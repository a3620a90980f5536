import json
import random

import pytest

from benchmarks.coherence.clients import User, pick, request


@pytest.mark.parametrize(
    ("name", "counter"),
    [(User(3).name(12), 12), (User(4).name(12), -1), ("somebody", -1), ("user 3 called 12", -1)],
)
def test_a_name_carries_its_counter_and_its_owner(name: str, counter: int) -> None:
    assert User(3).counter(json.dumps({"name": name}).encode()) == counter


def test_equal_lists_are_read_once() -> None:
    user = User(0)
    body = b'[{"id": "a", "rev": 2}, {"id": "b", "rev": 1}]'

    assert user.revisions(body) == {"a": 2, "b": 1}
    assert user.revisions(bytes(body)) is user.revisions(body)


def test_a_request_is_whole_http() -> None:
    sent = request("PUT", "/todo/x", token="abc", body={"completed": True})

    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"PUT /todo/x HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Content-Length: 19",
        b"Content-Type: application/json",
        b"Authorization: Bearer abc",
    ]
    assert json.loads(body) == {"completed": True}


def test_without_todos_a_client_asks_for_one_that_nobody_has() -> None:
    rng = random.Random(1)

    assert pick(rng, ()) == "0" * 24
    assert pick(rng, ("a",)) == "a"
