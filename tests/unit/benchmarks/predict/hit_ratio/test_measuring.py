from collections.abc import Iterator
from itertools import count
from random import Random

import pytest

from benchmarks.measure.client import ClientError
from benchmarks.measure.sessions import RunningVariant
from benchmarks.predict.hit_ratio.measuring import (
    BLOCKS,
    Lasting,
    MeasuredPoint,
    Meter,
    by_service,
    disagreements,
    of_slot,
)
from benchmarks.predict.hit_ratio.question import HitRatioQuestion, grid
from benchmarks.runner.dependencies import Dependencies
from benchmarks.scenarios.popularity import Zipf
from tests.unit.benchmarks.predict.hit_ratio.fakes import TOKEN, CachedLists, running_variant

QUESTION = HitRatioQuestion(users=8, rate=0.5)


@pytest.fixture
def service() -> CachedLists:
    return CachedLists()


@pytest.fixture
def running(service: CachedLists) -> Iterator[RunningVariant]:
    with running_variant(service, users=QUESTION.users) as running:
        yield running


def measure(running: RunningVariant) -> MeasuredPoint:
    clock = count(step=2_000_000)
    dependencies = Dependencies(clock_ns=lambda: next(clock), sleep=lambda _: None)
    return Meter(token=TOKEN, seconds=1, seed=1, dependencies=dependencies).measure(
        running, grid(QUESTION)[0]
    )


def test_a_point_is_counted_by_headers_and_service_alike_without_its_warm_up(
    running: RunningVariant,
) -> None:
    measured = measure(running)

    counted = [each for each in measured.blocks if each.measured]
    warm_up = [each for each in measured.blocks if not each.measured]
    assert not measured.disagreements
    assert not measured.errors
    assert len(counted) == BLOCKS
    assert measured.reads == measured.slots["todos=hit"] + measured.slots["todos=cold"]
    assert measured.user_hit_ratio == 1
    # Nothing expires in this service, so only writes make misses.
    assert measured.hit_ratio.centre > 0.9
    assert warm_up[0].hit_ratio < measured.hit_ratio.centre
    assert sum(each.reads for each in measured.blocks) > measured.reads
    # Nobody sleeps here, so the rate is as high as the service answers.
    assert measured.rate != pytest.approx(measured.point.workload.rate, rel=0.1)
    assert all(each.rate > 0 for each in measured.blocks)


def test_a_service_that_counts_otherwise_or_knows_no_such_token_says_so(
    service: CachedLists, running: RunningVariant
) -> None:
    # What it hides is hidden from the first reading too, unless that has not come so far.
    service.miscounts = 10_000

    assert any(text.startswith("todos=hit: headers") for text in measure(running).disagreements)
    with pytest.raises(ClientError, match="/admin/cache answered 401"):
        by_service(running.connection, "wrong")


def test_counts_are_compared_and_told_by_slot() -> None:
    said = disagreements({"todos=hit": 3, "user=hit": 1}, {"todos=hit": 4, "user=hit": 1})
    slots = {"todos=cold": 1, "user=hit": 9, "todos=hit": 5, "todos=expired": 0}

    assert said == ["todos=hit: headers 3, service 4"]
    # The most frequent comes first.
    assert list(of_slot(slots, "todos").items()) == [("hit", 5), ("cold", 1)]


def test_who_is_popular_stays_so_over_all_blocks() -> None:
    popularity = Lasting(Zipf(3.0))
    first = popularity.choice(50, Random(1))

    assert popularity.choice(50, Random(2)) is first
