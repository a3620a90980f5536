"""What a rate takes is what docs/scale.md says; what an entry and a farther Redis take."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from benchmarks.analysis.model.cost import CostModel, Trips, farther
from benchmarks.analysis.model.sizing import (
    DATABASE,
    NODE_BYTES,
    OVERHEAD_BYTES,
    REDIS,
    WORKER,
    CoreTime,
    entry_bytes_in_redis,
    size_for,
)
from benchmarks.report.figures import amount

PAGE = Path(__file__).parents[5] / "docs" / "scale.md"
GIB = 2**30
HASH_TABLES = 34


def rows() -> dict[str, list[str]]:
    """Return the cells of the page's tables by the first of their row."""
    lines = re.findall(r"^\| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name.replace("*", ""): cells for name, *cells in (line.split(" | ") for line in lines)}


@pytest.mark.parametrize(
    ("column", "rate", "held_bytes"),
    [(0, 1e3, 73 * 2**20), (1, 1e5, 7.1 * GIB), (2, 1e6, 71 * GIB)],
)
def test_a_rate_takes_what_the_page_on_scale_says(
    column: int, rate: float, held_bytes: float
) -> None:
    found = size_for(rate, hit_ratio=0.9, writes=0.05, entries_bytes=held_bytes)

    said = {name: cells[column] for name, cells in rows().items() if len(cells) == 3}
    assert {
        "workers without a cache": amount(found.workers_without),
        "workers, a core each": amount(found.workers),
        "cores busy in Redis": amount(found.redis_cores),
        "Redis nodes": amount(found.redis_nodes),
        "finds per second without a cache": amount(found.finds_without),
        "finds per second": amount(found.finds),
        "writes per second": amount(found.writes),
        "lease renewals per second": amount(found.renewals),
        "cores busy in the database without a cache": amount(found.database_cores_without),
        "cores busy in the database": amount(found.database_cores),
    }.items() <= said.items()


def test_the_costs_are_those_on_the_page() -> None:
    idle = {"redis": "redis-info", "database": "database-fence"}
    counted = {
        idle[part] if kind.name == "idle" else f"{part}-{kind.name}": f"{cost:.3g}"
        for part, costs in (("worker", WORKER), ("redis", REDIS), ("database", DATABASE))
        for kind in fields(CoreTime)
        if (cost := getattr(costs, kind.name))
    }

    said = rows()
    assert len(counted) == 12
    assert counted == {name: said[name][0] for name in counted}


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
