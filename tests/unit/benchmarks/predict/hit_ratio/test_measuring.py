from collections import Counter
from itertools import count
from random import Random

from benchmarks.predict.hit_ratio.question import HitRatioQuestion, grid
from benchmarks.predict.hit_ratio.run import BLOCKS, Lasting, measure
from benchmarks.runner.services import Dependencies
from benchmarks.scenarios.popularity import Zipf
from tests.unit.benchmarks.predict.hit_ratio.fakes import CachedLists, running_variant

QUESTION = HitRatioQuestion(users=8, rate=0.5)


def test_a_point_is_measured_without_its_warm_up_and_keeps_its_cache() -> None:
    clock = count(step=2_000_000)
    dependencies = Dependencies(clock_ns=lambda: next(clock), sleep=lambda _: None)
    (point, *_) = grid(QUESTION)

    with running_variant(CachedLists(), users=QUESTION.users) as running:
        blocks = measure(running, point, seconds=1, seed=1, dependencies=dependencies)

    assert len(blocks) == BLOCKS
    samples = [sample for block in blocks for sample in block]
    assert {sample.status for sample in samples} == {200}
    slots = Counter(slot for sample in samples for slot in sample.slots.split())
    reads = slots["todos=hit"] + slots["todos=cold"]
    # Nothing expires in this service, so only writes make misses.
    assert slots["todos=hit"] / reads > 0.9
    # Every user's first read was before, so the writes leave more than the misses.
    assert slots["user=hit"] - reads >= slots["todos=cold"]


def test_who_is_popular_stays_so_over_all_blocks() -> None:
    popularity = Lasting(Zipf(3.0))
    first = popularity.choice(50, Random(1))

    assert popularity.choice(50, Random(2)) is first
