import math

import pytest

from benchmarks.analysis.model.sizing import (
    DATABASE,
    NODE_BYTES,
    REDIS,
    WORKER,
    entry_bytes_in_redis,
    size_for,
)

GIB = 2**30
HASH_TABLES = 34


def test_a_rate_takes_the_cores_of_its_requests() -> None:
    found = size_for(1e5, hit_ratio=0.9, writes=0.05, entries_bytes=0)

    per_s = {"hit": 85_500, "miss": 9_500, "write": 5_000}
    worker, redis, database = (
        sum(rate * getattr(costs, kind) for kind, rate in per_s.items()) / 1000
        for costs in (WORKER, REDIS, DATABASE)
    )
    workers = math.ceil(worker / 0.6)
    assert found.workers == workers
    assert found.workers_without == math.ceil((95 * WORKER.read + 5 * WORKER.write) / 0.6)
    assert found.renewals == pytest.approx(workers / 0.3)
    assert found.redis_cores == pytest.approx(redis + workers / 0.3 * REDIS.idle / 1000)
    assert found.redis_nodes == math.ceil(found.redis_cores / 0.6)
    assert found.database_cores == pytest.approx(database + workers / 0.3 * DATABASE.idle / 1000)
    assert found.database_cores_without == pytest.approx(95 * DATABASE.read + 5 * DATABASE.write)
    assert (found.finds, found.finds_without, found.writes) == pytest.approx(
        (19_000, 190_000, 5_000)
    )


def test_redis_gets_the_nodes_its_memory_asks_for_and_there_is_one_of_each() -> None:
    held = size_for(1e3, hit_ratio=0.9, writes=0.05, entries_bytes=2.5 * NODE_BYTES)
    least = size_for(1, hit_ratio=0, writes=0, entries_bytes=0)

    assert held.redis_nodes == 3
    assert (least.workers, least.workers_without, least.redis_nodes) == (1, 1, 1)


@pytest.mark.parametrize(
    ("value_bytes", "memory_usage"),
    [(100, 208), (181, 288), (500, 608), (1000, 1120), (2000, 2144), (4096, 5216), (6806, 7264),
     (8000, 8288), (20_000, 20_576)],
)  # fmt: skip
def test_an_entry_takes_what_redis_said_and_its_places_in_the_hash_tables(
    value_bytes: int, memory_usage: int
) -> None:
    assert entry_bytes_in_redis(value_bytes) == memory_usage + HASH_TABLES
