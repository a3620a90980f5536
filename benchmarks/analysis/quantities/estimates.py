"""The estimate for a claim: one figure with the interval that decides.

Every quantity that a run is judged by or reports has its one function here, and all ratios of times
are ``Group.ratio``: ``docs/method.md`` lists them.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence

from benchmarks.analysis.claims.claim import Claim, Statistic
from benchmarks.analysis.quantities.blocks import (
    block_requests_ms,
    block_session_means,
    block_totals_ms,
    observations,
)
from benchmarks.analysis.quantities.groups import Group
from benchmarks.analysis.stats.intervals import (
    LEAST_OBSERVATIONS,
    Interval,
    nested_log_interval,
    nested_mean_interval,
)
from benchmarks.analysis.stats.percentiles import least_for_one_beyond, least_values
from benchmarks.storage.records import Sample

_PERCENTILES: Mapping[Statistic, float] = {"p50": 50, "p95": 95, "p99": 99}


def estimate(claim: Claim, group: Group, reference: str, variant: str) -> Interval | None:
    """Return what the group says about a claim; None if it says too little.

    The unit is the claim's. Intervals are over blocks, or over restarts where there are several,
    never over single requests; they are widened by the noise, but for a count, which has none.
    """
    if observations(group.samples) < LEAST_OBSERVATIONS:
        return None
    measure = _MEASURES.get(claim.statistic)
    if measure is not None:
        return measure(group, reference, variant)
    p = _PERCENTILES[claim.statistic]
    return group.percentile_ratio(reference, variant, p)


def too_little(claim: Claim, group: Group, reference: str, variant: str) -> str:
    """Say what an estimate that is None lacks."""
    if observations(group.samples) < LEAST_OBSERVATIONS or claim.statistic not in _PERCENTILES:
        return "too few observations"
    p = _PERCENTILES[claim.statistic]
    least = least_values(p)
    counts = [
        sum(sample.variant == name for sample in group.samples) for name in (reference, variant)
    ]
    if min(counts) < least:
        return f"a {claim.statistic} takes {least} requests, {min(counts)} were measured"
    return f"every start takes {least_for_one_beyond(p)} requests for a {claim.statistic}"


def miss_cost(group: Group, reference: str, variant: str) -> Interval | None:
    """Return the time of a first read over the reference's at the same place.

    It meets an empty cache; None for a scenario in which it does not.
    """
    if not group.starts_cold:
        return None
    return group.ratio(variant, reference, of=_first)


def queries_per_session(samples: Sequence[Sample], variant: str) -> list[list[float]]:
    """Return how many reads of a session reached the database, as the service timed it.

    It is the mean of the sessions of each block, by restart, in order.
    """
    reads = [sample for sample in samples if sample.outcome != "write"]
    return block_session_means(reads, variant, lambda sample: float(bool(sample.db_ms)))


def _first(sample: Sample) -> bool:
    return sample.index == 0


def _median_hit_ms(group: Group, _reference: str, variant: str) -> Interval | None:
    hits = [sample for sample in group.samples if sample.outcome == "hit"]
    medians = [
        [statistics.median(block) for block in restart]
        for restart in block_requests_ms(hits, variant)
    ]
    if sum(map(len, medians)) < LEAST_OBSERVATIONS:
        return None
    found = nested_mean_interval(medians)
    return group.widened(found, variant, unit="ms")


def _total_ms(group: Group, _reference: str, variant: str) -> Interval | None:
    found = nested_mean_interval(block_totals_ms(group.samples, variant))
    return group.widened(found, variant, unit="ms")


def _queries(group: Group, reference: str, variant: str) -> Interval | None:
    """Return a ratio of counts: of one that is the same in every block, an interval without width.

    No noise of the clock is in it, so it is not widened.
    """
    sides = [queries_per_session(group.samples, name) for name in (reference, variant)]
    if not all(many for side in sides for restart in side for many in restart):
        return None
    return nested_log_interval(*sides)


_MEASURES: Mapping[Statistic, Callable[[Group, str, str], Interval | None]] = {
    "total": Group.ratio,
    "mean": Group.ratio,
    "miss": miss_cost,
    "hit ms": _median_hit_ms,
    "total ms": _total_ms,
    "reference ms": lambda group, reference, _variant: _total_ms(group, "", reference),
    "queries": _queries,
}
