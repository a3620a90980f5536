"""What is peculiar to single rivals."""

from typing import Any

import pytest

from benchmarks.variants.rivals.aiocache import _connection


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
