from collections.abc import Iterator
from itertools import count
from random import Random

import pytest

from benchmarks.measure.sessions import RunningVariant
from benchmarks.predict.hit_ratio.measuring import BLOCKS, Lasting, MeasuredPoint, measure
from benchmarks.predict.hit_ratio.question import HitRatioQuestion, grid
from benchmarks.runner.services import Dependencies
from benchmarks.scenarios.popularity import Zipf
from tests.unit.benchmarks.predict.hit_ratio.fakes import CachedLists, running_variant

QUESTION = HitRatioQuestion(users=8, rate=0.5)


@pytest.fixture
def running() -> Iterator[RunningVariant]:
    with running_variant(CachedLists(), users=QUESTION.users) as running:
        yield running


def measured(running: RunningVariant) -> MeasuredPoint:
    clock = count(step=2_000_000)
    dependencies = Dependencies(clock_ns=lambda: next(clock), sleep=lambda _: None)
    (point, *_) = grid(QUESTION)
    return measure(running, point, seconds=1, seed=1, dependencies=dependencies)


def test_a_point_is_counted_by_the_headers_without_its_warm_up(running: RunningVariant) -> None:
    point = measured(running)

    assert not point.errors
    assert len(point.blocks) == BLOCKS
    reads, hits = (sum(getattr(b, name) for b in point.blocks) for name in ("reads", "hits"))
    assert reads == point.slots["todos=hit"] + point.slots["todos=cold"]
    # Nothing expires in this service, so only writes make misses.
    assert hits / reads > 0.9
    # Every user's first read was before, so the writes leave more than the misses.
    assert point.slots["user=hit"] - reads >= point.slots["todos=cold"]
    # Nobody sleeps here, so the rate is as high as the service answers.
    assert point.rate != pytest.approx(point.point.workload.rate, rel=0.1)
    assert all(each.rate > 0 for each in point.blocks)


def test_who_is_popular_stays_so_over_all_blocks() -> None:
    popularity = Lasting(Zipf(3.0))
    first = popularity.choice(50, Random(1))

    assert popularity.choice(50, Random(2)) is first
