"""Points of the curves on real servers, as few and as short as they can be."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.hit_ratio.job import HitRatioJob
from benchmarks.hit_ratio.points import Point, grid
from benchmarks.hit_ratio.question import Question
from benchmarks.job import carry_out
from benchmarks.stack.redis import find_redis, start_redis
from benchmarks.tools import Tools
from benchmarks.usage import UsageError

# A TTL of one second, at a rate that a busy machine can keep.
QUESTION = Question(users=30, ttl_s=1.0, rate=100.0, writes=0.1, measure=True, seconds=1.0)


def two_points(question: Question, *, memory: bool) -> Sequence[Point]:
    """Choose a longer TTL, which has a service of its own, and the largest memory."""
    points = grid(question, memory=memory)
    longer = [point for point in points if point.axis == "ttl"][-1]
    return [longer, *[point for point in points if point.axis == "memory"][:1]]


@pytest.mark.servers
def test_points_lie_on_their_curves_and_a_full_memory_evicts(tmp_path: Path) -> None:
    question = replace(QUESTION, out=tmp_path / "reports")
    with (tmp_path / "output").open("w") as output:
        tools = Tools(console=Console(file=output, width=100))
        code = carry_out(HitRatioJob(question, tools, plan=two_points), {}, tools.console)

    (folder,) = (tmp_path / "reports").iterdir()
    results = json.loads((folder / "results.json").read_text())
    assert code == 0, (tmp_path / "output").read_text()
    assert results["state"] == "complete"
    for point in results["points"]:
        # So few reads of so few users tell no more.
        assert point["measured"]["centre"] == pytest.approx(point["predicted"], abs=0.25)
        assert sum(point["todos"].values()) == point["reads"]
    if find_redis().kind != "fakeredis":
        longer, limited = results["points"]
        assert longer["evicted"] == 0
        assert 0 < limited["memory"]["held_bytes"] < 1.2 * limited["memory"]["given_bytes"]
        assert limited["evicted"] > 0
        assert limited["todos"].get("evicted", 0) + limited["accounts"].get("evicted", 0) > 0


@pytest.mark.servers
def test_the_memory_of_a_named_redis_is_left_alone(tmp_path: Path) -> None:
    server = start_redis(tmp_path)
    try:
        question = replace(QUESTION, memory_bytes=4_000_000, out=tmp_path / "reports")
        job = HitRatioJob(question, Tools(), plan=two_points)
        with pytest.raises(UsageError, match="unset REDIS_URL, or leave --memory out"):
            job.run({"REDIS_URL": server.url})
    finally:
        server.stop()
