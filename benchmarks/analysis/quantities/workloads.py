"""The gain of a cache in a mix: the hits, and the speedups that follow."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.analysis.quantities.plan import Group
from benchmarks.analysis.quantities.summary import hit_ratio
from benchmarks.analysis.stats.intervals import Interval

PERCENTILES = (50, 95, 99)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadResult:
    """One variant under one mix, compared with the reference on the same operations.

    Counts are over all blocks. ``hit_ratio`` counts the reads of which every slot was a hit. The
    speedups are reference / variant, of all operations and of the reads alone; the percentiles are
    such ratios over all operations, None for too few of them.
    """

    scenario: str
    regime: str
    variant: str
    operations: int
    reads: int
    writes: int
    hit_ratio: float
    speedup: Interval | None
    reads_speedup: Interval | None
    percentiles: Mapping[str, float | None]


def workloads(group: Group) -> tuple[WorkloadResult, ...]:
    """Return what each variant but the reference does in one mix and regime."""
    return tuple(_workload(group, name) for name in group.variants[1:])


def _workload(group: Group, name: str) -> WorkloadResult:
    own = [sample for sample in group.samples if sample.variant == name]
    changing = group.scenario.changing
    reads = [sample for sample in own if sample.action not in changing]
    ratios = {p: group.percentile_ratio(group.reference, name, p) for p in PERCENTILES}
    scenario, regime = group.key
    return WorkloadResult(
        scenario=scenario,
        regime=regime,
        variant=name,
        operations=len(own),
        reads=len(reads),
        writes=len(own) - len(reads),
        hit_ratio=hit_ratio(reads),
        speedup=group.ratio(group.reference, name),
        reads_speedup=group.ratio(
            group.reference, name, of=lambda sample: sample.action not in changing
        ),
        percentiles={f"p{p}": ratio.centre if ratio else None for p, ratio in ratios.items()},
    )
