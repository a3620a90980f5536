"""What a cache brings in a mix: hits measured and predicted, and how much faster it makes whom."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.analysis.quantities.prediction import Pace, predicted_slots
from benchmarks.analysis.quantities.summary import block_totals_ms, complete_observations, hit_ratio
from benchmarks.analysis.stats.nested import nested_log_interval
from benchmarks.analysis.stats.percentiles import percentile
from benchmarks.analysis.stats.ratio import LEAST_OBSERVATIONS, Interval
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
    ratios of the total times of paired blocks within restarts, reference / variant, of all
    operations and of the reads alone; the percentiles are such ratios over all operations, None
    for too few of them.
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
    samples: Iterable[Sample],
    *,
    scenario: Scenario,
    users: int,
    variants: Sequence[str],
    caching: Collection[str],
) -> tuple[WorkloadResult, ...]:
    """Return what each variant but the first, which is the reference, does in one mix and regime.

    ``users`` is how many there are; hits are predicted for the variants in ``caching``.
    Observations that lack a block of some variant count for nothing; without any complete one
    there is nothing to return.
    """
    own: dict[str, list[Sample]] = {name: [] for name in variants}
    for sample in complete_observations(samples, variants):
        if sample.variant in own:
            own[sample.variant].append(sample)
    reference, *others = variants
    return tuple(
        _workload(own[name], own[reference], scenario, users, predictable=name in caching)
        for name in others
        if own[name]
    )


def _workload(
    own: Sequence[Sample],
    reference: Sequence[Sample],
    scenario: Scenario,
    users: int,
    *,
    predictable: bool,
) -> WorkloadResult:
    reads = _reads(own, scenario)
    pace = _pace(own)
    predicted = predicted_slots(scenario, users=users, pace=pace) if predictable else {}
    return WorkloadResult(
        scenario=own[0].scenario,
        regime=own[0].regime,
        variant=own[0].variant,
        operations=len(own),
        operations_per_user=pace.requests / users,
        reads=len(reads),
        writes=len(own) - len(reads),
        hit_ratio=hit_ratio(reads),
        slots={
            slot: SlotHits(measured=_measured(reads, slot), predicted=predicted.get(slot))
            for slot in SLOTS
        },
        speedup=_speedup(reference, own),
        reads_speedup=_speedup(_reads(reference, scenario), reads),
        percentiles=_percentiles(reference, own),
    )


def _reads(samples: Iterable[Sample], scenario: Scenario) -> list[Sample]:
    return [sample for sample in samples if sample.action not in scenario.changes]


def _pace(samples: Iterable[Sample]) -> Pace:
    """Return the operations per block and the time between them as it was.

    A schedule that a slow variant could not keep is not what its entries expired by.
    """
    starts: dict[int, list[float]] = defaultdict(list)
    for sample in samples:
        starts[sample.observation].append(sample.start_s)
    requests = round(sum(map(len, starts.values())) / len(starts))
    gaps = sum(len(block) - 1 for block in starts.values())
    passed_s = math.fsum(max(block) - min(block) for block in starts.values())
    return Pace(requests=requests, interval_s=passed_s / gaps if passed_s else math.inf)


def _measured(reads: Iterable[Sample], slot: str) -> float | None:
    answers = [slots[slot] for sample in reads if slot in (slots := _slots(sample))]
    return answers.count("hit") / len(answers) if answers else None


def _slots(sample: Sample) -> Mapping[str, str]:
    return dict(each.partition("=")[::2] for each in sample.slots.split())


def _speedup(reference: Sequence[Sample], variant: Sequence[Sample]) -> Interval | None:
    """Return the ratio of the blocks' total times; None for fewer than two blocks with any.

    Both made the same operations, so it is the ratio of their mean times.
    """
    theirs, ours = ({sample.observation for sample in each} for each in (reference, variant))
    if theirs != ours or len(ours) < LEAST_OBSERVATIONS:
        return None
    return nested_log_interval(
        *(block_totals_ms(each, each[0].variant) for each in (reference, variant))
    )


def _percentiles(
    reference: Sequence[Sample], variant: Sequence[Sample]
) -> Mapping[str, float | None]:
    """Return the ratio of each percentile that there are enough requests for."""
    ratios: dict[str, float | None] = {}
    for p in PERCENTILES:
        theirs, ours = (
            percentile([sample.duration_s for sample in each], p) for each in (reference, variant)
        )
        ratios[f"p{p}"] = theirs / ours if theirs and ours else None
    return ratios
