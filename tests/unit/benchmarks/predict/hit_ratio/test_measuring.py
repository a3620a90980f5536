from dataclasses import replace
from itertools import count
from random import Random

from benchmarks.predict.hit_ratio.question import HitRatioQuestion, grid
from benchmarks.predict.hit_ratio.run import BLOCKS, Lasting, measure
from benchmarks.scenarios.mix import READ
from benchmarks.scenarios.popularity import Zipf
from benchmarks.stack.dataset import make_dataset
from tests.unit.benchmarks.fake_dependencies import Fakes


def test_a_point_is_measured_without_its_warm_up_and_keeps_its_cache(fakes: Fakes) -> None:
    clock = count(step=2_000_000)
    dependencies = replace(fakes.dependencies(), clock_ns=lambda: next(clock))
    (point, *_) = grid(HitRatioQuestion(users=8, rate=0.5))
    data = make_dataset(seed=1, users=8, todos_per_user=1, payload_bytes=1)

    with fakes.variants("cached", data=data) as [running]:
        blocks = measure(running, point, seconds=1, seed=1, dependencies=dependencies)

    assert len(blocks) == BLOCKS
    samples = [sample for block in blocks for sample in block]
    assert {sample.status for sample in samples} == {200}
    reads = [sample for sample in samples if sample.action == READ]
    misses = sum(sample.outcome != "hit" for sample in reads)
    # Nothing expires in this service, and each user's first read was before: writes make misses.
    assert 0 < misses <= len(samples) - len(reads)
    assert misses < 0.1 * len(reads)


def test_who_is_popular_stays_so_over_all_blocks() -> None:
    popularity = Lasting(Zipf(3.0))
    first = popularity.choice(50, Random(1))

    assert popularity.choice(50, Random(2)) is first
