"""Each kind of request for itself: what it took each service, and how that compares."""

import statistics
from dataclasses import dataclass

from benchmarks.analysis.model.observed import hit_share
from benchmarks.analysis.quantities.blocks import duration_ms
from benchmarks.analysis.quantities.plan import Group
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.analysis.stats.percentiles import median, percentile


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSummary:
    """One action of one variant.

    ``ratio`` is the reference's time over the variant's, None for the reference itself and for too
    few blocks. ``hit_ratio`` and the medians of hits and misses are None where nothing tells.
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


def endpoints(group: Group) -> tuple[EndpointSummary, ...]:
    """Return every action of every variant, in the order in which they were first asked for."""
    found = []
    for action in dict.fromkeys(sample.action for sample in group.samples):
        of_action = [sample for sample in group.samples if sample.action == action]
        for variant in group.variants:
            own = [sample for sample in of_action if sample.variant == variant]
            times_ms = [duration_ms(sample) for sample in own]
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
            )
            found.append(summary)
    return tuple(found)


def _ratio(group: Group, variant: str, action: str) -> Interval | None:
    if variant == group.reference:
        return None
    return group.ratio(group.reference, variant, of=lambda sample: sample.action == action)
