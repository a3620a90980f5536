"""What is measured for a claim: one figure with the interval that decides."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from benchmarks.analysis.claims.claim import Claim, Statistic
from benchmarks.analysis.claims.verdict import CONFIDENCE
from benchmarks.analysis.quantities.plan import Group
from benchmarks.analysis.quantities.summary import block_totals_ms
from benchmarks.analysis.stats.blocks import MS_PER_S
from benchmarks.analysis.stats.nested import (
    nested_log_interval,
    nested_mean_interval,
    nested_percentile_interval,
)
from benchmarks.analysis.stats.percentiles import block_percentile_interval
from benchmarks.analysis.stats.ratio import LEAST_OBSERVATIONS, Interval
from benchmarks.storage.records import Sample

_SEED = 1
_PERCENTILES: Mapping[Statistic, float] = {"p50": 50, "p95": 95, "p99": 99}


def evidence(claim: Claim, group: Group, reference: str, variant: str) -> Interval | None:
    """Return what the group says about a claim, at ``CONFIDENCE``; None if it says too little.

    The unit is the claim's. Intervals are over blocks, or over restarts where there are several,
    never over single requests.
    """
    if len({sample.observation for sample in group.samples}) < LEAST_OBSERVATIONS:
        return None
    measure = _MEASURES.get(claim.statistic)
    if measure is not None:
        return measure(group, reference, variant)
    return nested_percentile_interval(
        _blocks_ms(group.samples, reference),
        _blocks_ms(group.samples, variant),
        _PERCENTILES[claim.statistic],
        confidence=CONFIDENCE,
        seed=_SEED,
    )


def queries_per_session(samples: Sequence[Sample], variant: str) -> list[int]:
    """Return how many reads of each session reached the database, as the service timed it."""
    reached: dict[tuple[int, int], int] = defaultdict(int)
    for sample in samples:
        if sample.variant == variant and sample.outcome != "write":
            reached[sample.block, sample.session] += bool(sample.db_ms)
    return list(reached.values())


def _total(group: Group, reference: str, variant: str) -> Interval:
    return nested_log_interval(
        block_totals_ms(group.samples, reference),
        block_totals_ms(group.samples, variant),
        confidence=CONFIDENCE,
    )


def _miss(group: Group, reference: str, variant: str) -> Interval | None:
    if not group.starts_cold:
        return None
    first = [sample for sample in group.samples if sample.index == 0]
    return nested_log_interval(
        block_totals_ms(first, variant), block_totals_ms(first, reference), confidence=CONFIDENCE
    )


def _median_hit_ms(group: Group, _reference: str, variant: str) -> Interval | None:
    hits = [sample for sample in group.samples if sample.outcome == "hit"]
    blocks = [block for restart in _blocks_ms(hits, variant) for block in restart]
    if len(blocks) < LEAST_OBSERVATIONS:
        return None
    return block_percentile_interval(blocks, 50, confidence=CONFIDENCE, seed=_SEED)


def _total_ms(group: Group, _reference: str, variant: str) -> Interval:
    return nested_mean_interval(block_totals_ms(group.samples, variant), confidence=CONFIDENCE)


def _reference_ms(group: Group, reference: str, _variant: str) -> Interval:
    return _total_ms(group, "", reference)


def _queries(group: Group, reference: str, variant: str) -> Interval | None:
    """Return a ratio of counts, which has no interval: every session is looked at."""
    asked, left = (queries_per_session(group.samples, name) for name in (reference, variant))
    if not (asked and left and all(asked) and all(left)):
        return None
    ratios = [many / few for many, few in zip(asked, left, strict=False)]
    centre = statistics.fmean(asked) / statistics.fmean(left)
    return Interval(centre, min(ratios), max(ratios))


_MEASURES: Mapping[Statistic, Callable[[Group, str, str], Interval | None]] = {
    "total": _total,
    "mean": _total,
    "miss": _miss,
    "hit ms": _median_hit_ms,
    "total ms": _total_ms,
    "reference ms": _reference_ms,
    "queries": _queries,
}


def _blocks_ms(samples: Sequence[Sample], variant: str) -> list[list[list[float]]]:
    """Return the times of single requests by restart and block, in order."""
    blocks: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        if sample.variant == variant:
            blocks[sample.restart][sample.observation].append(sample.duration_s * MS_PER_S)
    return [[each[key] for key in sorted(each)] for _, each in sorted(blocks.items())]
