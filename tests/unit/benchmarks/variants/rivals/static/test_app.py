import json

from benchmarks.variants.registry import VARIANTS
from benchmarks.variants.rivals.static.app import todo_list
from service.codec import decode_todos


def test_the_list_is_twenty_todos_with_a_hundred_bytes_of_text_each() -> None:
    body = todo_list()

    assert len(decode_todos(body)) == 20
    assert {len(todo["task"].encode()) for todo in json.loads(body)} == {100}


def test_the_bytes_are_the_same_every_time() -> None:
    assert todo_list() == todo_list()


def test_the_ceiling_has_no_cache_and_is_no_rival() -> None:
    assert (VARIANTS["static"].kind, VARIANTS["static"].uses_redis) == ("ceiling", False)
