"""The gain of a cache in a mix: hits measured and predicted, and the speedups that follow."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from benchmarks.analysis.quantities.plan import Group
from benchmarks.analysis.quantities.prediction import BlockPace, predicted_slots
from benchmarks.analysis.quantities.summary import hit_ratio
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.scenarios.base import Scenario
from benchmarks.storage.records import Sample

SLOTS = ("todos", "user")
PERCENTILES = (50, 95, 99)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotHits:
    """Hits per read of one slot; None where the variant does not say, or nothing predicts it."""

    measured: float | None
    predicted: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadResult:
    """One variant under one mix, compared with the reference on the same operations.

    Counts are over all blocks; ``operations_per_user`` is of one block, and bounds the hit ratio
    of a short one. ``hit_ratio`` counts the reads of which every slot was a hit. The speedups are
    reference / variant, of all operations and of the reads alone; the percentiles are such ratios
    over all operations, None for too few of them.
    """

    scenario: str
    regime: str
    variant: str
    operations: int
    operations_per_user: float
    reads: int
    writes: int
    hit_ratio: float
    slots: Mapping[str, SlotHits]
    speedup: Interval | None
    reads_speedup: Interval | None
    percentiles: Mapping[str, float | None]


def workloads(
    group: Group, *, scenario: Scenario, users: int, caching: Collection[str]
) -> tuple[WorkloadResult, ...]:
    """Return what each variant but the reference does in one mix and regime.

    ``users`` is how many there are; hits are predicted for the variants in ``caching``.
    """
    return tuple(
        _workload(group, name, scenario, users, predictable=name in caching)
        for name in group.variants[1:]
    )


def _workload(
    group: Group, name: str, scenario: Scenario, users: int, *, predictable: bool
) -> WorkloadResult:
    own = [sample for sample in group.samples if sample.variant == name]
    reads = [sample for sample in own if sample.action not in scenario.changes]
    pace = _pace(own)
    predicted = predicted_slots(scenario, users=users, pace=pace) if predictable else {}
    ratios = {p: group.percentile_ratio(group.reference, name, p) for p in PERCENTILES}
    return WorkloadResult(
        scenario=own[0].scenario,
        regime=own[0].regime,
        variant=name,
        operations=len(own),
        operations_per_user=pace.requests / users,
        reads=len(reads),
        writes=len(own) - len(reads),
        hit_ratio=hit_ratio(reads),
        slots={
            slot: SlotHits(measured=_measured(reads, slot), predicted=predicted.get(slot))
            for slot in SLOTS
        },
        speedup=group.ratio(group.reference, name),
        reads_speedup=group.ratio(
            group.reference, name, of=lambda sample: sample.action not in scenario.changes
        ),
        percentiles={f"p{p}": ratio.centre if ratio else None for p, ratio in ratios.items()},
    )


def _pace(samples: Iterable[Sample]) -> BlockPace:
    """Return the operations per block and the time between them as it was.

    A schedule that a slow variant could not keep is not what its entries expired by.
    """
    starts: dict[int, list[float]] = defaultdict(list)
    for sample in samples:
        starts[sample.observation].append(sample.start_s)
    requests = round(sum(map(len, starts.values())) / len(starts))
    gaps = sum(len(block) - 1 for block in starts.values())
    passed_s = math.fsum(max(block) - min(block) for block in starts.values())
    return BlockPace(requests=requests, interval_s=passed_s / gaps if passed_s else math.inf)


def _measured(reads: Iterable[Sample], slot: str) -> float | None:
    answers = [slots[slot] for sample in reads if slot in (slots := _slots(sample))]
    return answers.count("hit") / len(answers) if answers else None


def _slots(sample: Sample) -> Mapping[str, str]:
    return dict(each.partition("=")[::2] for each in sample.slots.split())
