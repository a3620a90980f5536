"""Each kind of request for itself: what it took each service, and how that compares."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.analysis.model.cost import CostModel, break_even_hit_ratio
from benchmarks.analysis.model.observed import LEAST_OUTCOMES, hit_share, mean_ms, select
from benchmarks.analysis.quantities.blocks import duration_ms
from benchmarks.analysis.quantities.plan import Group
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.analysis.stats.percentiles import median, percentile
from benchmarks.storage.records import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSummary:
    """One action of one variant.

    ``ratio`` is the reference's time over the variant's, None for the reference itself and for too
    few blocks. ``hit_ratio`` and the medians of hits and misses are None where nothing tells.
    ``costs`` are of the means, None where the reference has a cache or fewer hits or misses than
    ``LEAST_OUTCOMES`` were seen; ``break_even_hit_ratio`` follows from them, None also where a hit
    is no faster.
    """

    action: str
    variant: str
    requests: int
    p50_ms: float
    p95_ms: float | None  # None for too few requests to know
    ratio: Interval | None
    hit_ratio: float | None
    hit_p50_ms: float | None
    miss_p50_ms: float | None
    costs: CostModel | None = None
    break_even_hit_ratio: float | None = None


def endpoints(group: Group) -> tuple[EndpointSummary, ...]:
    """Return every action of every variant, in the order in which they were first asked for."""
    found = []
    for action in dict.fromkeys(sample.action for sample in group.samples):
        of_action = [sample for sample in group.samples if sample.action == action]
        for variant in group.variants:
            own = [sample for sample in of_action if sample.variant == variant]
            times_ms = [duration_ms(sample) for sample in own]
            costs = _costs(select(of_action, variant=group.reference), own)
            tells = any(sample.outcome in {"hit", "miss", "partial"} for sample in own)
            summary = EndpointSummary(
                action=action,
                variant=variant,
                requests=len(own),
                p50_ms=statistics.median(times_ms),
                p95_ms=percentile(times_ms, 95),
                ratio=_ratio(group, variant, action),
                hit_ratio=hit_share(own) if tells else None,
                hit_p50_ms=median(duration_ms(each) for each in own if each.outcome == "hit"),
                miss_p50_ms=median(duration_ms(each) for each in own if each.outcome == "miss"),
                costs=costs,
                break_even_hit_ratio=break_even_hit_ratio(costs) if costs else None,
            )
            found.append(summary)
    return tuple(found)


def _costs(reference: Sequence[Sample], own: Sequence[Sample]) -> CostModel | None:
    uncached_ms = mean_ms(select(reference, outcome="bypass"))
    misses, hits = (select(own, outcome=outcome) for outcome in ("miss", "hit"))
    miss_ms, hit_ms = mean_ms(misses), mean_ms(hits)
    if uncached_ms is None or miss_ms is None or hit_ms is None:
        return None
    if min(len(misses), len(hits)) < LEAST_OUTCOMES:
        return None
    # A miss does all that is done without a cache and more; a mean below that is noise.
    return CostModel.from_means(
        uncached_ms=uncached_ms, miss_ms=max(uncached_ms, miss_ms), hit_ms=hit_ms
    )


def _ratio(group: Group, variant: str, action: str) -> Interval | None:
    if variant == group.reference:
        return None
    return group.ratio(group.reference, variant, of=lambda sample: sample.action == action)
