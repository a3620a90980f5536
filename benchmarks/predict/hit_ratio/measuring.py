"""Measure one point: bring its cache to where it stays, then count hits block by block."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from benchmarks.analysis.stats.intervals import Interval, mean_interval
from benchmarks.measure.client import NS_PER_S, ClientError, Connection, slots_of
from benchmarks.measure.sessions import Block, Frame, RunningVariant, run_block
from benchmarks.predict.hit_ratio.question import Point
from benchmarks.runner.dependencies import Dependencies
from benchmarks.scenarios.base import Scenario
from benchmarks.scenarios.mix import READ, Mix, mix_scenario
from benchmarks.scenarios.popularity import Choice, Popularity, Zipf
from benchmarks.storage.records import NATIVE, Sample

SlotCounts = Mapping[str, int]
"""The number of answers by slot and outcome, such as ``todos=expired``."""
BLOCKS = 10
_WARM_BLOCK_S = 0.5
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
    """The result of one block; ``measured`` is False while the cache warms up.

    ``rate`` is the one that was kept.
    """

    measured: bool
    rate: float
    operations: int
    reads: int
    hits: int

    @property
    def hit_ratio(self) -> float:
        """Return the hits of the lists per read."""
        return self.hits / self.reads if self.reads else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPoint:
    """The result of a point; ``rate`` is the rate that was sustained.

    ``blocks`` include those of the warm-up, which nothing else counts. ``disagreements`` name what
    headers and service did not count alike.
    """

    point: Point
    rate: float
    blocks: Sequence[BlockCount]
    slots: Counter[str]
    disagreements: Sequence[str]
    errors: int

    @property
    def counted(self) -> list[BlockCount]:
        """Return the blocks of the measurement."""
        return [each for each in self.blocks if each.measured]

    @property
    def hit_ratio(self) -> Interval:
        """Return the hits of the lists per read, with the interval of its blocks."""
        return mean_interval([each.hit_ratio for each in self.counted])

    @property
    def user_hit_ratio(self) -> float:
        """Return the hits of the accounts per operation."""
        total = sum(count for slot, count in self.slots.items() if slot.startswith("user="))
        return self.slots["user=hit"] / total if total else math.nan

    @property
    def reads(self) -> int:
        """Return how many reads were counted."""
        return sum(each.reads for each in self.counted)


def scenario_of(point: Point) -> Scenario:
    """Return the point as a scenario like any other: a mix at a rate."""
    workload = point.workload
    return mix_scenario(
        f"hit-ratio {point.name}",
        f"GET and PUT of {workload.users} users, {workload.writes:.0%} writes",
        Mix(Lasting(Zipf(workload.skew)), reads=1 - workload.writes),
        rate=workload.rate,
    )


@dataclass(slots=True, kw_only=True)
class Meter:
    """Measures points on running services; ``token`` opens the admin route of each."""

    token: str
    seconds: float
    seed: int
    dependencies: Dependencies
    origin_ns: int = field(init=False)

    def __post_init__(self) -> None:
        self.origin_ns = self.dependencies.clock_ns()

    def measure(self, running: RunningVariant, point: Point) -> MeasuredPoint:
        """Measure one point from an empty cache; raises ``ClientError`` or a driver's error."""
        running.empty_cache()
        run = _Run(self, replace(running, empty_cache=_keep), point)
        warm = run.warm_up(point.warm_up_s)
        service = by_service(running.connection, self.token)
        samples: list[Sample] = []
        measured = run.blocks(self.seconds / BLOCKS, BLOCKS, samples)
        counted = by_service(running.connection, self.token) - service
        return MeasuredPoint(
            point=point,
            rate=_rate(samples),
            blocks=[*(replace(each, measured=False) for each in warm), *measured],
            slots=counted,
            disagreements=disagreements(by_headers(samples), counted),
            errors=sum(sample.status != _HTTP_OK for sample in samples),
        )


class _Run:
    """The blocks of one point, one after the other on the same cache."""

    def __init__(self, meter: Meter, running: RunningVariant, point: Point) -> None:
        self._running = running
        self._rate = point.workload.rate
        self._frame = Frame(
            scenario=scenario_of(point),
            regime=NATIVE,
            origin_ns=meter.origin_ns,
            seed=meter.seed,
            clock_ns=meter.dependencies.clock_ns,
            sleep=meter.dependencies.sleep,
        )
        self._number = 0

    def warm_up(self, seconds: float) -> list[BlockCount]:
        """Run blocks until so much time has passed, at whatever rate."""
        until_ns = self._frame.clock_ns() + round(seconds * NS_PER_S)
        found = self.blocks(_WARM_BLOCK_S, 1)
        while self._frame.clock_ns() < until_ns:
            found += self.blocks(_WARM_BLOCK_S, 1)
        return found

    def blocks(
        self, seconds: float, count: int, samples: list[Sample] | None = None
    ) -> list[BlockCount]:
        found = []
        for _ in range(count):
            number, self._number = self._number, self._number + 1
            block = Block(number, observation=number, turn=number, variant=self._running.variant)
            amount = max(1, round(self._rate * seconds))
            own = run_block(self._running, block, self._frame, amount=amount)
            found.append(_count(own))
            if samples is not None:
                samples += own
        return found


def _count(samples: Sequence[Sample]) -> BlockCount:
    reads = [sample for sample in samples if sample.action == READ]
    return BlockCount(
        measured=True,
        rate=_rate(samples),
        operations=len(samples),
        reads=len(reads),
        hits=sum("todos=hit" in sample.slots.split() for sample in reads),
    )


def _rate(samples: Sequence[Sample]) -> float:
    passed_s = samples[-1].start_s - samples[0].start_s
    return max(1, len(samples) - 1) / passed_s if passed_s > 0 else _NO_TIME


def _keep() -> None:
    """Leave the cache as it is: a point's blocks go on where the one before ended."""


def by_headers(samples: Iterable[Sample]) -> Counter[str]:
    """Count what ``Cache-Status`` said of each slot."""
    return Counter(slot for sample in samples for slot in sample.slots.split())


def by_service(connection: Connection, token: str) -> Counter[str]:
    """Return what the service has counted since its start; raises ``ClientError``."""
    request = connection.prepare(
        "GET", "/admin/cache", headers={"Authorization": f"Bearer {token}"}
    )
    answer = connection.send(request)
    if answer.status != _HTTP_OK:
        raise ClientError(f"{connection.url}: /admin/cache answered {answer.status}")
    counters: Counter[str] = Counter()
    for status, count in json.loads(answer.body)["counters"].items():
        # The service counts by the words of the header, so both are read alike.
        counters[slots_of(status)] += count
    return counters


def disagreements(headers: SlotCounts, service: SlotCounts) -> list[str]:
    """Return a sentence for each way of answering that both did not count alike."""
    return [
        f"{slot}: headers {headers.get(slot, 0)}, service {service.get(slot, 0)}"
        for slot in sorted({*headers, *service})
        if headers.get(slot, 0) != service.get(slot, 0)
    ]


def of_slot(slots: SlotCounts, name: str) -> dict[str, int]:
    """Return one slot's counts by the way it was answered, the most frequent first."""
    own = {
        way: count
        for slot, count in slots.items()
        for part, _, way in (slot.partition("="),)
        if part == name and count
    }
    return dict(sorted(own.items(), key=lambda item: (-item[1], item[0])))
