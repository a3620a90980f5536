"""What is peculiar to single rivals, and the bytes of the ceiling."""

import json
from typing import Any

import pytest

from benchmarks.variants.rivals.aiocache import _connection
from benchmarks.variants.rivals.static import todo_list
from service.codec import decode_todos


def test_the_list_is_always_the_same_twenty_todos_with_a_hundred_bytes_of_text_each() -> None:
    body = todo_list()

    assert body == todo_list()
    assert len(decode_todos(body)) == 20
    assert {len(todo["task"].encode()) for todo in json.loads(body)} == {100}


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("redis://127.0.0.1", ("127.0.0.1", 6379, 0, None, False)),
        ("redis://127.0.0.1:7000/3", ("127.0.0.1", 7000, 3, None, False)),
        ("rediss://:p%40ss@cache.example:6380/0", ("cache.example", 6380, 0, "p@ss", True)),
    ],
)
def test_a_url_is_taken_apart_as_aiocache_wants_it(url: str, taken: tuple[Any, ...]) -> None:
    assert tuple(_connection(url).values()) == taken
