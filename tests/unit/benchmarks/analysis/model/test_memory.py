import pytest

from benchmarks.analysis.model.memory import OVERHEAD_BYTES, entry_bytes_in_redis

HASH_TABLES = 34


@pytest.mark.parametrize(
    ("value_bytes", "memory_usage"),
    [(100, 208), (181, 288), (500, 608), (1000, 1120), (2000, 2144), (4096, 5216), (6806, 7264),
     (8000, 8288), (20_000, 20_576)],
)  # fmt: skip
def test_an_entry_takes_what_redis_said_and_its_places_in_the_hash_tables(
    value_bytes: int, memory_usage: int
) -> None:
    assert entry_bytes_in_redis(value_bytes) == memory_usage + HASH_TABLES


@pytest.mark.parametrize("value_bytes", [1, 10, 122, 123, 250, 251, 1_000_000])
def test_the_allocator_takes_at_most_a_quarter_more_than_it_was_asked_for(value_bytes: int) -> None:
    taken = entry_bytes_in_redis(value_bytes) - OVERHEAD_BYTES

    assert value_bytes < taken <= 1.25 * value_bytes + 16 + 6
