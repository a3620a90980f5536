"""What a rate takes is what docs/scale.md says, and never less than one of each."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from benchmarks.analysis.model.sizing import DATABASE, NODE_BYTES, REDIS, WORKER, CoreTime, size_for
from benchmarks.predict.advise.amounts import amount

PAGE = Path(__file__).parents[5] / "docs" / "scale.md"
GIB = 2**30


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
    }.items() <= {name: text if len(text) > 1 else f"{text}" for name, text in said.items()}.items()


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


def test_redis_gets_as_many_nodes_as_its_memory_asks_for() -> None:
    held = size_for(1e3, hit_ratio=0.9, writes=0.05, entries_bytes=2.5 * NODE_BYTES)

    assert held.redis_nodes == 3


def test_there_is_always_one_of_each() -> None:
    least = size_for(1, hit_ratio=0, writes=0, entries_bytes=0)

    assert (least.workers, least.workers_without, least.redis_nodes) == (1, 1, 1)
