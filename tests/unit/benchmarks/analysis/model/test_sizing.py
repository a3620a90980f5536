import math

import pytest

from benchmarks.analysis.model.cost import CostModel, Trips, farther
from benchmarks.analysis.model.sizing import (
    DATABASE,
    NODE_BYTES,
    OVERHEAD_BYTES,
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


@pytest.mark.parametrize("value_bytes", [1, 10, 122, 123, 250, 251, 1_000_000])
def test_the_allocator_takes_at_most_a_quarter_more_than_it_was_asked_for(value_bytes: int) -> None:
    taken = entry_bytes_in_redis(value_bytes) - OVERHEAD_BYTES

    assert value_bytes < taken <= 1.25 * value_bytes + 16 + 6


def test_every_round_trip_of_a_hit_and_of_a_miss_to_a_farther_redis_takes_longer() -> None:
    model = CostModel(app_ms=0.5, database_ms=5, hit_ms=0.2, miss_ms=0.8)

    far = farther(model, 2, Trips(hit=3, miss=5))

    assert (far.hit_ms, far.miss_ms) == pytest.approx((6.2, 10.8))
    assert (far.app_ms, far.database_ms) == (model.app_ms, model.database_ms)
    assert farther(model, 0) == model
