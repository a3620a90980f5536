"""The same offered rates for a real service with and without its cache, on a slow database."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.analysis.quantities.open_loop import (
    by_rate,
    compare_rates,
    highest_stable,
    judge_rates,
)
from benchmarks.comparison.load_sweep import sweep_rates
from benchmarks.measure.regimes import REGIMES, injected_delay
from benchmarks.measure.sessions import RunningVariant
from benchmarks.runner.dependencies import Dependencies
from benchmarks.runner.services import RunContext, ServiceSpec, running_variants
from benchmarks.scenarios.actions import READS
from benchmarks.stack.dataset import make_dataset
from benchmarks.stack.embedded import Stack
from benchmarks.stack.interfaces import Mongo
from benchmarks.stack.redis import start_redis
from benchmarks.variants.registry import VARIANTS
from tests.patient import start_patient

pytestmark = pytest.mark.servers
DELAY = REGIMES["50ms-per-request"]
LOW, HIGH = 20.0, 160.0
"""Per second; 4 connections that take 50 ms each cannot do more than 80."""


@pytest.fixture(name="mongo")
def _mongo(servers: Stack) -> Iterator[Mongo]:
    client = Dependencies().connect_mongo(servers.mongo.url)
    yield client
    client.close()


@pytest.fixture(name="running")
def _running(servers: Stack, mongo: Mongo, tmp_path: Path) -> Iterator[list[RunningVariant]]:
    # A Redis that holds nothing, which that of all tests may not.
    redis = start_redis(tmp_path)
    with running_variants(
        [VARIANTS["uncached"], VARIANTS["cached"]],
        make_dataset(seed=1, users=4, todos_per_user=5, payload_bytes=50),
        wanted=ServiceSpec(actions=READS),
        place=RunContext(
            stack=replace(servers, redis=redis), mongo=mongo, label="open_loop", logs=tmp_path
        ),
        tools=Dependencies(start_service=start_patient),
    ) as running:
        yield running
    redis.discard()


def test_a_rate_that_is_too_much_without_the_cache_is_no_speedup(
    running: list[RunningVariant], mongo: Mongo
) -> None:
    with injected_delay(mongo.get_database("admin"), DELAY):
        steps = sweep_rates(running, rates=[LOW, HIGH], rounds=2, seconds=2, seed=1, connections=4)

    # How late the generator is on a machine that runs other tests beside is not the question, nor
    # whether such a machine can do the rest.
    groups = by_rate([replace(step, lag_p99_us=0.0, client_cores=0.0) for step in steps])
    points = judge_rates(groups)
    assert points["uncached", HIGH].stability == "unstable"
    assert (highest_stable(points, "uncached") or 0) <= LOW
    _, high = compare_rates(groups, points, reference="uncached", variant="cached")
    assert (high.p50, high.p99) == (None, None)
    assert high.reason.startswith("uncached")
    assert not any(step.errors for step in steps)
    assert all(step.hits > step.answered / 2 for step in steps if step.variant == "cached")
