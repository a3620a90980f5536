"""Measure one point: bring its cache to where it stays, then count hits block by block."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from random import Random

from benchmarks.measure.client import NS_PER_S
from benchmarks.measure.sessions import Block, Frame, RunningVariant, run_block
from benchmarks.predict.hit_ratio.question import Point
from benchmarks.runner.services import Dependencies
from benchmarks.scenarios.base import Scenario
from benchmarks.scenarios.mix import READ, Mix, mix_scenario
from benchmarks.scenarios.popularity import Choice, Popularity, Zipf
from benchmarks.storage.records import NATIVE, Sample

BLOCKS = 10
_WARM_BLOCK_S, _LEAST_WARM_S = 0.5, 2.0
_WARM_TTLS = 2.2
"""No entry outlives its TTL, so by then a cache is as full as it gets."""
_HTTP_OK = 200
# A block of one operation takes no time that could be told.
_NO_TIME = 1e6


@dataclass(slots=True)
class Lasting:
    """A popularity that stays what it was when it was first drawn, over all blocks of a point."""

    popularity: Popularity
    _choice: Choice | None = None

    def choice(self, users: int, rng: Random) -> Choice:
        """Return the users' order of popularity, drawn by the first who asks."""
        if self._choice is None:
            self._choice = self.popularity.choice(users, rng)
        return self._choice


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCount:
    """The reads of one block; ``rate`` is the one that was kept."""

    rate: float
    reads: int
    hits: int

    @property
    def hit_ratio(self) -> float:
        """Return the hits of the lists per read."""
        return self.hits / self.reads if self.reads else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPoint:
    """The result of a point after its warm-up; ``rate`` is the rate that was sustained.

    ``slots`` count what ``Cache-Status`` said of each slot, such as ``todos=expired``.
    """

    point: Point
    rate: float
    blocks: Sequence[BlockCount]
    slots: Counter[str]
    errors: int


def measure(
    running: RunningVariant,
    point: Point,
    *,
    seconds: float,
    seed: int,
    dependencies: Dependencies,
) -> MeasuredPoint:
    """Measure one point from an empty cache; raises ``ClientError`` or a driver's error."""
    running.empty_cache()
    # A point's blocks go on with the cache where the one before ended.
    going_on = replace(running, empty_cache=lambda: None)
    frame = Frame(
        scenario=_scenario_of(point),
        regime=NATIVE,
        origin_ns=dependencies.clock_ns(),
        seed=seed,
        clock_ns=dependencies.clock_ns,
        sleep=dependencies.sleep,
    )
    numbers = count()

    def block(seconds: float) -> list[Sample]:
        number = next(numbers)
        own = Block(number, observation=number, turn=number, variant=running.variant)
        amount = max(1, round(point.workload.rate * seconds))
        return run_block(going_on, own, frame, amount=amount)

    warm_s = max(_LEAST_WARM_S, _WARM_TTLS * point.workload.ttl_s)
    until_ns = frame.clock_ns() + round(warm_s * NS_PER_S)
    while frame.clock_ns() < until_ns:
        block(_WARM_BLOCK_S)
    measured = [block(seconds / BLOCKS) for _ in range(BLOCKS)]
    samples = [*chain.from_iterable(measured)]
    return MeasuredPoint(
        point=point,
        rate=_rate(samples),
        blocks=[_count(each) for each in measured],
        slots=Counter(slot for sample in samples for slot in sample.slots.split()),
        errors=sum(sample.status != _HTTP_OK for sample in samples),
    )


def _scenario_of(point: Point) -> Scenario:
    """Return the point as a scenario like any other: a mix at a rate."""
    workload = point.workload
    return mix_scenario(
        f"hit-ratio {point.name}",
        f"GET and PUT of {workload.users} users, {workload.writes:.0%} writes",
        Mix(Lasting(Zipf(workload.skew)), reads=1 - workload.writes),
        rate=workload.rate,
    )


def _count(samples: Sequence[Sample]) -> BlockCount:
    reads = [sample for sample in samples if sample.action == READ]
    return BlockCount(
        rate=_rate(samples),
        reads=len(reads),
        hits=sum("todos=hit" in sample.slots.split() for sample in reads),
    )


def _rate(samples: Sequence[Sample]) -> float:
    passed_s = samples[-1].start_s - samples[0].start_s
    return max(1, len(samples) - 1) / passed_s if passed_s > 0 else _NO_TIME
