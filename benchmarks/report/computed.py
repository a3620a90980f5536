"""The parts of the results, each computed from the samples and the header of a run."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.judge import judge_checks
from benchmarks.analysis.claims.claim import CLAIMS, SEED_READS, SESSION, Claim
from benchmarks.analysis.findings import Finding, judge_claims
from benchmarks.analysis.header import SCHEMA, Header
from benchmarks.analysis.model.cost import (
    break_even_database_ms,
    break_even_hit_ratio,
    hit_ratio_needed,
    least_database_ms,
)
from benchmarks.analysis.model.fit import CannotFit, Fit, Source, fit
from benchmarks.analysis.model.observed import MS_PER_S
from benchmarks.analysis.model.residuals import Residual, residuals
from benchmarks.analysis.quantities.blocks import session_totals_s
from benchmarks.analysis.quantities.capacity import SweepPoint, summarise_sweep
from benchmarks.analysis.quantities.groups import Group, groups_of, responses
from benchmarks.analysis.quantities.noise import Noise, against_itself, widening
from benchmarks.analysis.quantities.open_loop import (
    RatePoint,
    highest_stable,
    judge_rates,
)
from benchmarks.analysis.quantities.series import Series, series
from benchmarks.analysis.quantities.summary import (
    RegimeSummary,
    WorkloadResult,
    endpoints,
    summarise,
    workloads,
)
from benchmarks.storage.plain import rounded
from benchmarks.storage.records import NATIVE, Outcome, Sample

READS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20)
WANTED = 5.0
"""The speedup that the tutorial promises."""
FAST_MS = 0.5
"""Milliseconds that a read waits for a fast database on the same machine."""
_LIKELY = 0.8
"""The hit ratio of the tutorial's five reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRecord:
    """One block and its times."""

    scenario: str
    regime: str
    block: int
    observation: int
    variant: str
    start_s: float
    sessions: int
    session_mean_ms: float
    outcomes: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FastDatabase:
    """The model's prediction for a database that answers a read within ``wait_ms``."""

    wait_ms: float
    reads: int
    speedup: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResult:
    """The cost model of a variant, what it says, and how it agrees with the rest of the run.

    ``speedup_by_reads`` is S(n); for the bounds see ``model.cost``.
    """

    variant: str
    reference: str
    fit: Fit
    wanted: float
    speedup_by_reads: Mapping[str, float]
    break_even_hit_ratio: float | None
    break_even_database_ms: float
    hit_ratio_needed: float | None
    least_database_ms: float
    fast_database: FastDatabase
    residuals: tuple[Residual, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLoopResult:
    """Which rates each variant sustained."""

    points: tuple[RatePoint, ...]
    highest_sustained: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results(Header):
    """A comparison: what it was, and everything that was computed of it."""

    blocks: tuple[BlockRecord, ...]
    summaries: tuple[RegimeSummary, ...]
    noise: tuple[Noise, ...]
    widening: float
    checks: tuple[Check, ...]
    workloads: tuple[WorkloadResult, ...]
    models: tuple[ModelResult, ...]
    open_loop: OpenLoopResult
    capacity: tuple[SweepPoint, ...]
    series: Series
    verdicts: tuple[Finding, ...]


def everything(header: Header, samples: Sequence[Sample]) -> Results:
    """Compute all that is to be known of a run, or of as much of it as was measured."""
    # What is stored has been rounded, and gives the same once more.
    header = rounded(header)
    samples = responses(samples)
    groups = groups_of(header, samples)
    summaries = {group.key: summarise(group) for group in groups}
    checks = judge_checks(header, groups)
    measured = [group for group in groups if not group.is_noise]
    noise = tuple(
        each
        for group in groups
        if group.is_noise or group.is_load
        for each in against_itself(group.samples)
    )
    stated = {each.name: getattr(header, each.name) for each in fields(Header)}
    results = Results(
        **(stated | {"schema": SCHEMA}),
        blocks=blocks(samples),
        summaries=tuple(summary(group, summaries[group.key]) for group in measured),
        noise=noise,
        widening=widening(noise),
        checks=tuple(checks),
        workloads=mixes(groups),
        models=models(header, groups),
        open_loop=open_loop(header),
        capacity=summarise_sweep(
            header.steps, variants=list(header.kinds), ceiling=next(iter(header.ceilings), None)
        ),
        series=series(groups),
        verdicts=tuple(
            finding
            for group in measured
            for finding in judge_claims(group, summaries[group.key], checks, claims_of(group))
        ),
    )
    return rounded(results)


def blocks(samples: Sequence[Sample]) -> tuple[BlockRecord, ...]:
    """Return what each block was and took."""
    groups: dict[tuple[str, str, int], list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.scenario, sample.regime, sample.block].append(sample)
    return tuple(_block(group) for group in groups.values())


def summary(group: Group, found: RegimeSummary) -> RegimeSummary:
    """Return the figures of a case, and of running services those of each request."""
    if group.is_load and not group.header.options.claims:
        # Who is refused on purpose is answered fast: no speedup.
        found = replace(found, ratios=())
    if group.is_foreign:
        found = replace(found, endpoints=endpoints(group))
    return found


def mixes(groups: Sequence[Group]) -> tuple[WorkloadResult, ...]:
    """Return what each variant does in each mix."""
    return tuple(
        workload
        for group in groups
        if group.is_mix and not group.is_load and not group.is_foreign
        for workload in workloads(group)
    )


def models(header: Header, groups: Sequence[Group]) -> tuple[ModelResult, ...]:
    """Return the cost model of each of ours, what it says, and how it agrees with the rest.

    A variant whose samples hold too little for a model is left out.
    """
    samples = [sample for group in groups if not group.is_noise for sample in group.samples]
    redis_ms = {regime.name: regime.redis_delay_ms or 0.0 for regime in header.regimes}
    found = []
    for variant in header.ours:
        source = Source(
            variant=variant, reference=header.reference, scenario=SESSION, regime=NATIVE
        )
        try:
            fitted = fit(samples, source)
        except CannotFit:
            continue
        found.append(_model(fitted, samples, redis_ms=redis_ms))
    return tuple(found)


def open_loop(header: Header) -> OpenLoopResult:
    """Return which rates each variant sustained."""
    points = judge_rates(header.rates)
    return OpenLoopResult(
        points=points,
        highest_sustained={each.variant: highest_stable(points, each.variant) for each in points},
    )


def claims_of(group: Group) -> list[Claim]:
    """Return what is claimed of a case."""
    # The tutorial is about one user who meets an empty cache.
    stated = CLAIMS.values() if not group.is_foreign and not group.is_load else ()
    return [*stated, *group.header.options.claims]


def _block(samples: Sequence[Sample]) -> BlockRecord:
    first = samples[0]
    totals_s = session_totals_s(samples).values()
    return BlockRecord(
        scenario=first.scenario,
        regime=first.regime,
        block=first.block,
        observation=first.observation,
        variant=first.variant,
        start_s=first.start_s,
        sessions=len(totals_s),
        session_mean_ms=statistics.fmean(totals_s) * MS_PER_S,
        outcomes=dict(Counter(sample.outcome for sample in samples)),
    )


def _model(fitted: Fit, samples: Sequence[Sample], *, redis_ms: Mapping[str, float]) -> ModelResult:
    model = fitted.model
    return ModelResult(
        variant=fitted.source.variant,
        reference=fitted.source.reference,
        fit=fitted,
        wanted=WANTED,
        speedup_by_reads={str(reads): model.speedup(reads) for reads in READS},
        break_even_hit_ratio=break_even_hit_ratio(model),
        break_even_database_ms=break_even_database_ms(model, _LIKELY),
        hit_ratio_needed=hit_ratio_needed(model, WANTED),
        least_database_ms=least_database_ms(model, WANTED),
        fast_database=FastDatabase(
            wait_ms=FAST_MS, reads=SEED_READS, speedup=fitted.at(FAST_MS).speedup(SEED_READS)
        ),
        residuals=tuple(residuals(fitted, samples, redis_ms=redis_ms)),
    )
