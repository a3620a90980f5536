"""From raw samples to the figures of one regime."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.analysis.claims.verdict import CONFIDENCE
from benchmarks.analysis.stats.blocks import MS_PER_S, shares, stratified_means
from benchmarks.analysis.stats.nested import (
    between_restarts,
    nested_log_interval,
    nested_mean_interval,
)
from benchmarks.analysis.stats.percentiles import percentile
from benchmarks.analysis.stats.ratio import (
    LEAST_OBSERVATIONS,
    Interval,
    ratio_of_means,
)
from benchmarks.storage.records import LOAD, Outcome, Sample


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

    ``hit_ratio`` is that of its reads.
    """

    variant: str
    sessions: int
    total_ms: Interval | None
    hit_ratio: float
    latencies: tuple[Latency, ...]
    database_ms: float | None  # median per request, from Server-Timing
    cache_ms: float | None

    def mean_ms(self, outcome: Outcome) -> float | None:
        """Return the mean request time for an outcome, None when it never happened."""
        means = (entry.mean_ms for entry in self.latencies if entry.outcome == outcome)
        return next(means, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Session totals, reference / variant.

    ``ratio`` is the centre of the intervals: the geometric mean of the ratios of paired blocks,
    and of restarts where there are several. The intervals are over the same, at 95 % to be shown
    and at the verdict's confidence to decide with; None for fewer than two observations.
    """

    variant: str
    reference: str
    observations: int
    ratio: float
    shown: Interval | None
    deciding: Interval | None
    by_restart: tuple[float, ...]
    """The ratio of each start of the services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeSummary:
    """Everything that is said about one scenario in one regime.

    ``database_ms`` is the database time of one uncached request as the service measured it: the
    delay that was really there, not the one that was asked for.
    """

    scenario: str
    regime: str
    reads: int  # recorded requests per session; in a mix, per block
    reference: str
    database_ms: float | None
    variants: tuple[VariantSummary, ...]
    ratios: tuple[Ratio, ...]

    def of(self, variant: str) -> VariantSummary:
        """Return one variant's figures; raises ``KeyError``."""
        for entry in self.variants:
            if entry.variant == variant:
                return entry
        raise KeyError(variant)


def summarise(samples: Sequence[Sample], *, variants: Sequence[str]) -> RegimeSummary:
    """Return the figures of one scenario in one regime; the first variant is the reference.

    Observations that lack a block of some variant, as the last one of an interrupted run does,
    count for nothing. Raises ``ValueError`` when no observation is complete.
    """
    complete = complete_observations(samples, variants)
    if not complete:
        raise ValueError("no observation is complete")
    blocks = {name: block_totals_ms(complete, name) for name in variants}
    figures = tuple(_variant(complete, name, blocks[name]) for name in variants)
    reference = variants[0]
    return RegimeSummary(
        scenario=complete[0].scenario,
        regime=complete[0].regime,
        reads=1 + max(sample.index for sample in complete),
        reference=reference,
        database_ms=figures[0].database_ms,
        variants=figures,
        ratios=tuple(
            _ratio(reference, name, blocks[reference], blocks[name]) for name in variants[1:]
        ),
    )


def complete_observations(samples: Iterable[Sample], variants: Sequence[str]) -> list[Sample]:
    """Return the samples of those observations in which every variant had its block."""
    samples = list(samples)
    seen: dict[int, set[str]] = defaultdict(set)
    for sample in samples:
        seen[sample.observation].add(sample.variant)
    return [sample for sample in samples if seen[sample.observation] >= set(variants)]


def session_totals_s(samples: Iterable[Sample]) -> Mapping[tuple[int, int], float]:
    """Return the summed request times of each session of one variant, by block and session."""
    totals: dict[tuple[int, int], float] = defaultdict(float)
    for sample in samples:
        totals[sample.block, sample.session] += sample.duration_s
    return totals


def block_totals_ms(samples: Sequence[Sample], variant: str) -> list[list[float]]:
    """Return a variant's mean session total per block, by restart, in order.

    Of a load it is the mean of the usual mix of what sessions do.
    """
    if samples and samples[0].regime == LOAD:
        means = _load_means_ms(samples, variant)
        return [[means[observation] for observation in sorted(means)]]
    own = [sample for sample in samples if sample.variant == variant]
    place = {sample.block: (sample.restart, sample.observation) for sample in own}
    totals: dict[tuple[int, int], list[float]] = defaultdict(list)
    for (block, _), total_s in session_totals_s(own).items():
        totals[place[block]].append(total_s * MS_PER_S)
    by_restart: dict[int, list[float]] = defaultdict(list)
    for restart, observation in sorted(totals):
        by_restart[restart].append(statistics.fmean(totals[restart, observation]))
    return [by_restart[restart] for restart in sorted(by_restart)]


def _load_means_ms(samples: Sequence[Sample], variant: str) -> dict[int, float]:
    done: dict[tuple[int, int], list[Sample]] = defaultdict(list)
    for sample in samples:
        done[sample.block, sample.session].append(sample)
    kinds = {key: tuple(sample.action for sample in each) for key, each in done.items()}
    values = [
        (each[0].observation, kinds[key], MS_PER_S * sum(sample.duration_s for sample in each))
        for key, each in done.items()
        if each[0].variant == variant
    ]
    return stratified_means(values, shares(kinds.values()))


def _flat(blocks: Sequence[Sequence[float]]) -> list[float]:
    return [value for restart in blocks for value in restart]


def _variant(
    samples: Sequence[Sample], name: str, blocks_ms: Sequence[Sequence[float]]
) -> VariantSummary:
    own = [sample for sample in samples if sample.variant == name]
    return VariantSummary(
        variant=name,
        sessions=len(session_totals_s(own)),
        total_ms=nested_mean_interval(blocks_ms)
        if len(_flat(blocks_ms)) >= LEAST_OBSERVATIONS
        else None,
        hit_ratio=hit_ratio(own),
        latencies=tuple(_latencies(own)),
        database_ms=_median(sample.db_ms for sample in own),
        cache_ms=_median(sample.cache_ms for sample in own),
    )


def hit_ratio(samples: Iterable[Sample]) -> float:
    """Return which part of the reads were hits on every slot; 0 where nothing was read."""
    reads = [sample.outcome == "hit" for sample in samples if sample.outcome != "write"]
    return statistics.fmean(reads) if reads else 0.0


def _latencies(samples: Iterable[Sample]) -> Iterable[Latency]:
    times_ms: dict[Outcome, list[float]] = defaultdict(list)
    for sample in samples:
        times_ms[sample.outcome].append(sample.duration_s * MS_PER_S)
    for outcome, values in sorted(times_ms.items()):
        yield Latency(
            outcome=outcome,
            requests=len(values),
            p50_ms=statistics.median(values),
            p95_ms=percentile(values, 95),
            p99_ms=percentile(values, 99),
            mean_ms=statistics.fmean(values),
        )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _ratio(
    reference: str,
    variant: str,
    reference_ms: Sequence[Sequence[float]],
    variant_ms: Sequence[Sequence[float]],
) -> Ratio:
    pairs = len(_flat(reference_ms))
    deciding = shown = None
    if pairs >= LEAST_OBSERVATIONS:
        shown = nested_log_interval(reference_ms, variant_ms)
        deciding = nested_log_interval(reference_ms, variant_ms, confidence=CONFIDENCE)
    return Ratio(
        variant=variant,
        reference=reference,
        observations=pairs,
        ratio=shown.centre if shown else ratio_of_means(_flat(reference_ms), _flat(variant_ms)),
        shown=shown,
        deciding=deciding,
        by_restart=tuple(between_restarts(reference_ms, variant_ms)),
    )
