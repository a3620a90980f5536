"""From the samples of a case to its figures: variants, ratios, kinds of requests, mixes."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.analysis.model.cost import CostModel, break_even_hit_ratio
from benchmarks.analysis.model.observed import LEAST_OUTCOMES, hit_share, mean_ms, select
from benchmarks.analysis.quantities.blocks import (
    block_totals_ms,
    duration_ms,
    observations,
)
from benchmarks.analysis.quantities.groups import Group
from benchmarks.analysis.stats.intervals import (
    LEAST_OBSERVATIONS,
    Interval,
    nested_mean_interval,
)
from benchmarks.analysis.stats.percentiles import median, percentile
from benchmarks.scenarios.base import ScenarioKind
from benchmarks.storage.plain import added
from benchmarks.storage.records import Outcome, Sample

PERCENTILES = (50, 99)
"""Of a mix: the hits and the tail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The request times of one variant for one cache outcome."""

    outcome: Outcome
    requests: int
    p50_ms: float
    p95_ms: float | None  # None for too few requests to know
    p99_ms: float | None
    mean_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSummary:
    """One variant in one regime; ``total_ms`` is of a whole session, its interval over blocks.

    ``hit_ratio`` is that of its reads; for the ``costs`` see ``case_costs``.
    """

    variant: str
    total_ms: Interval | None
    hit_ratio: float
    latencies: tuple[Latency, ...]
    database_ms: float | None  # median per request, from Server-Timing
    costs: CostModel | None = None

    def mean_ms(self, outcome: Outcome) -> float | None:
        """Return the mean request time for an outcome, None when it never happened."""
        means = (entry.mean_ms for entry in self.latencies if entry.outcome == outcome)
        return next(means, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Session totals, reference / variant.

    ``ratio`` is the centre of the interval: the geometric mean of the ratios of paired blocks,
    and of restarts where there are several. There is none for fewer than two observations.
    """

    variant: str
    reference: str
    observations: int
    ratio: float
    shown: Interval | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeSummary:
    """Everything that is said about one scenario in one regime.

    ``database_ms`` is the database time of one uncached request as the service measured it: the
    delay that was really there, not the one that was asked for. ``widenings`` are the factors by
    which the noise widened the intervals of each variant. Of services of the user's own there are
    ``endpoints``.
    """

    scenario: str
    regime: str
    kind: ScenarioKind
    reads: int  # recorded requests per session; in a mix, per block
    reference: str
    database_ms: float | None
    variants: tuple[VariantSummary, ...]
    ratios: tuple[Ratio, ...]
    widenings: Mapping[str, float]
    endpoints: tuple[EndpointSummary, ...] | None = added(None)

    @property
    def key(self) -> tuple[str, str]:
        """Return the names of scenario and regime."""
        return self.scenario, self.regime

    def of(self, variant: str) -> VariantSummary:
        """Return one variant's figures; raises ``KeyError``."""
        for entry in self.variants:
            if entry.variant == variant:
                return entry
        raise KeyError(variant)

    def ratio_of(self, variant: str) -> Ratio | None:
        """Return one variant's ratio to the reference, None where it has none."""
        return next((each for each in self.ratios if each.variant == variant), None)


def summarise(group: Group) -> RegimeSummary:
    """Return the figures of one scenario in one regime."""
    blocks = {name: block_totals_ms(group.samples, name) for name in group.variants}
    figures = tuple(_variant(group, name, blocks[name]) for name in group.variants)
    scenario, regime = group.key
    return RegimeSummary(
        scenario=scenario,
        regime=regime,
        kind=group.scenario.kind,
        reads=1 + max(sample.index for sample in group.samples),
        reference=group.reference,
        database_ms=figures[0].database_ms,
        variants=tuple(replace(each, costs=case_costs(figures[0], each)) for each in figures),
        ratios=tuple(_ratio(group, name, blocks) for name in group.variants[1:]),
        widenings=dict(group.widenings),
    )


def case_costs(reference: VariantSummary, variant: VariantSummary) -> CostModel | None:
    """Return the cost model of a variant's means in one case, None when an outcome is missing.

    S(n) and S(h) are right whatever part of the time the application has; the rest needs the
    database's span, without which all of it is taken to be the database.
    """
    uncached = reference.mean_ms("bypass")
    miss, hit = variant.mean_ms("miss"), variant.mean_ms("hit")
    if uncached is None or miss is None or hit is None:
        return None
    app = max(0.0, uncached - reference.database_ms) if reference.database_ms else 0.0
    return CostModel.from_means(uncached_ms=uncached, miss_ms=miss, hit_ms=hit, app_ms=app)


def _variant(group: Group, name: str, blocks_ms: Sequence[Sequence[float]]) -> VariantSummary:
    own = [sample for sample in group.samples if sample.variant == name]
    total_ms = None
    if observations(own) >= LEAST_OBSERVATIONS:
        total_ms = group.widened(nested_mean_interval(blocks_ms), name, unit="ms")
    return VariantSummary(
        variant=name,
        total_ms=total_ms,
        hit_ratio=hit_share(own) or 0.0,
        latencies=tuple(_latencies(own)),
        database_ms=group.database_ms(name),
    )


def _latencies(samples: Iterable[Sample]) -> Iterable[Latency]:
    times_ms: dict[Outcome, list[float]] = defaultdict(list)
    for sample in samples:
        times_ms[sample.outcome].append(duration_ms(sample))
    for outcome, values in sorted(times_ms.items()):
        yield Latency(
            outcome=outcome,
            requests=len(values),
            p50_ms=statistics.median(values),
            p95_ms=percentile(values, 95),
            p99_ms=percentile(values, 99),
            mean_ms=statistics.fmean(values),
        )


def _ratio(group: Group, variant: str, blocks: dict[str, list[list[float]]]) -> Ratio:
    shown = group.ratio(group.reference, variant)
    return Ratio(
        variant=variant,
        reference=group.reference,
        observations=observations(group.samples),
        ratio=shown.centre if shown else blocks[group.reference][0][0] / blocks[variant][0][0],
        shown=shown,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadResult:
    """One variant under one mix, compared with the reference on the same operations.

    ``hit_ratio`` counts the reads of which every slot was a hit. The speedups are reference /
    variant, of all operations and of the reads alone; the percentiles are such ratios over all
    operations, None for too few of them.
    """

    scenario: str
    regime: str
    variant: str
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
    ratios = {p: group.percentile_ratio(group.reference, name, p) for p in PERCENTILES}
    scenario, regime = group.key
    return WorkloadResult(
        scenario=scenario,
        regime=regime,
        variant=name,
        hit_ratio=hit_share(own) or 0.0,
        speedup=group.ratio(group.reference, name),
        reads_speedup=group.ratio(
            group.reference, name, of=lambda sample: sample.action not in changing
        ),
        percentiles={f"p{p}": ratio.centre if ratio else None for p, ratio in ratios.items()},
    )


def endpoints(group: Group) -> tuple[EndpointSummary, ...]:
    """Return every action of every variant, in the order in which they were first asked for."""
    actions = dict.fromkeys(sample.action for sample in group.samples)
    return tuple(_endpoint(group, action, name) for action in actions for name in group.variants)


def _endpoint(group: Group, action: str, variant: str) -> EndpointSummary:
    of_action = [sample for sample in group.samples if sample.action == action]
    own = select(of_action, variant=variant)
    times_ms = [duration_ms(sample) for sample in own]
    costs = _costs(select(of_action, variant=group.reference), own)
    tells = any(sample.outcome in {"hit", "miss", "partial"} for sample in own)
    ratio = None
    if variant != group.reference:
        ratio = group.ratio(group.reference, variant, of=lambda sample: sample.action == action)
    return EndpointSummary(
        action=action,
        variant=variant,
        requests=len(own),
        p50_ms=statistics.median(times_ms),
        p95_ms=percentile(times_ms, 95),
        ratio=ratio,
        hit_ratio=hit_share(own) if tells else None,
        hit_p50_ms=median(duration_ms(each) for each in own if each.outcome == "hit"),
        miss_p50_ms=median(duration_ms(each) for each in own if each.outcome == "miss"),
        costs=costs,
        break_even_hit_ratio=break_even_hit_ratio(costs) if costs else None,
    )


def _costs(reference: Sequence[Sample], own: Sequence[Sample]) -> CostModel | None:
    uncached_ms = mean_ms(select(reference, outcome="bypass"))
    misses, hits = (select(own, outcome=outcome) for outcome in ("miss", "hit"))
    miss_ms, hit_ms = mean_ms(misses), mean_ms(hits)
    if uncached_ms is None or miss_ms is None or hit_ms is None:
        return None
    if min(len(misses), len(hits)) < LEAST_OUTCOMES:
        return None
    return CostModel.from_means(uncached_ms=uncached_ms, miss_ms=miss_ms, hit_ms=hit_ms)
