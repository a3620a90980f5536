import json

from benchmarks.variants.rivals.static.app import todo_list
from service.codec import decode_todos


def test_the_list_is_always_the_same_twenty_todos_with_a_hundred_bytes_of_text_each() -> None:
    body = todo_list()

    assert body == todo_list()
    assert len(decode_todos(body)) == 20
    assert {len(todo["task"].encode()) for todo in json.loads(body)} == {100}
