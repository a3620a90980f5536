"""A load sweep on real servers, as small as it can be."""

import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.capacity import redis_alone
from benchmarks.capacity.options import CapacityOptions
from benchmarks.capacity.sweep import capacity
from benchmarks.runner.services import Dependencies
from benchmarks.stack.embedded import Stack
from tests.needs import program
from tests.patient import start_patient


@pytest.mark.servers
def test_three_variants_are_swept_with_warm_hits(tmp_path: Path, servers: Stack) -> None:
    options = CapacityOptions.asked(connections=[1, 2], rounds=2, seconds=0.2, users=2)
    out = tmp_path / "reports"

    with (tmp_path / "output").open("w") as output:
        dependencies = Dependencies(
            console=Console(file=output), draw=lambda _: (), start_service=start_patient
        )
        # The Redis, which has to be empty, is one of its own.
        code = capacity(
            options, {"MONGODB_URL": servers.mongo.url}, out=out, dependencies=dependencies
        )

    results = json.loads((out / "latest" / "results.json").read_text())
    # Neither rates nor targets are asserted: so little on a busy machine decides nothing.
    assert code in {0, 3}
    assert results["state"] == "complete"
    assert len(results["steps"]) == 2 * 2 * 3
    assert not any(step["errors"] for step in results["steps"])
    if sys.platform == "linux":
        # It is the worker whose processor time is read.
        assert sum(step["service_cores"] for step in results["steps"]) > 0
        # This Redis is ours, and the database that was named is not.
        assert {step["redis_cores"] is None for step in results["steps"]} == {False}
        assert not any("database_cores" in step for step in results["steps"])
    hits, requests = Counter[str](), Counter[str]()
    for step in results["steps"]:
        hits[step["variant"]] += step["hits"]
        requests[step["variant"]] += step["requests"]
    assert hits["uncached"] == hits["static"] == 0
    assert hits["cached"] > requests["cached"] / 2


def test_redis_alone_is_asked_for_what_a_hit_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("redis-benchmark")
    monkeypatch.setattr(redis_alone, "_REQUESTS", 1_000)

    assert redis_alone.main(tmp_path / "kept" / "alone.json") == 0

    eight, thirty_two = json.loads((tmp_path / "kept" / "alone.json").read_text())
    assert (eight["connections"], thirty_two["connections"]) == (8, 32)
    assert min(eight["rate"], thirty_two["rate"]) > 0


def test_without_the_program_redis_alone_is_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert redis_alone.main(tmp_path / "alone.json") == 0

    assert not (tmp_path / "alone.json").exists()
    assert "no redis-benchmark on PATH" in capsys.readouterr().out
