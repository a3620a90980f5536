"""The curves of a report: what its figures draw, as plain numbers."""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.analysis.quantities.blocks import Which, duration_ms
from benchmarks.analysis.quantities.groups import Group
from benchmarks.analysis.stats import percentiles as stats
from benchmarks.storage.records import Outcome, Sample

PERCENTILES = (5, 10, 25, 50, 75, 80, 85, 90, 95, 97.5, 99, 99.5, 99.9)


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A point of a curve: what it is of."""

    scenario: str
    regime: str
    variant: str


@dataclass(frozen=True, slots=True)
class CumulativeRow(SeriesRow):
    """S(n) with its interval; None where a model predicts it."""

    reads: int
    speedup: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class PercentileRow(SeriesRow):
    """A percentile of single requests."""

    percentile: float
    ms: float


@dataclass(frozen=True, slots=True)
class SpanRow(SeriesRow):
    """The parts of a mean request, by what the cache did.

    ``outside_ms`` is what the client saw beyond what the service says of itself.
    """

    outcome: Outcome
    database_ms: float | None
    cache_ms: float | None
    app_ms: float | None
    outside_ms: float
    total_ms: float
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Every curve of a run."""

    cumulative: tuple[CumulativeRow, ...]
    percentiles: tuple[PercentileRow, ...]
    spans: tuple[SpanRow, ...]


def series(groups: Sequence[Group]) -> Series:
    """Return every curve, a row per point."""
    claimed = [group for group in groups if group.regime.role == "claim"]
    cold = [group for group in groups if group.starts_cold and not group.is_noise]
    return Series(
        cumulative=tuple(row for group in cold for row in cumulative(group)),
        percentiles=tuple(row for group in claimed for row in percentiles(group)),
        spans=tuple(row for group in claimed for row in spans(group)),
    )


def cumulative(group: Group) -> Iterator[CumulativeRow]:
    """Yield S(n), reference / variant of the first n requests of a session."""
    reference, *others = group.variants
    numbers = sorted({1 + sample.index for sample in group.samples})
    for variant in others:
        for reads in numbers:
            found = group.ratio(reference, variant, of=_first(reads))
            if found is not None:
                yield CumulativeRow(
                    *group.key,
                    variant,
                    reads=reads,
                    speedup=found.centre,
                    low=found.low,
                    high=found.high,
                )


def percentiles(group: Group) -> Iterator[PercentileRow]:
    """Yield the percentiles of single requests, as far out as there are samples for them."""
    for variant in group.variants:
        values = [duration_ms(sample) for sample in _of(group, variant)]
        for p in PERCENTILES:
            found = stats.percentile(values, p)
            if found is not None:
                yield PercentileRow(*group.key, variant, percentile=p, ms=found)


def spans(group: Group) -> Iterator[SpanRow]:
    """Yield where the time of a request goes, in ms, by what the cache did."""
    for variant in group.variants:
        by_outcome: dict[Outcome, list[Sample]] = defaultdict(list)
        for sample in _of(group, variant):
            by_outcome[sample.outcome].append(sample)
        for outcome, samples in sorted(by_outcome.items()):
            parts = [
                stats.mean(sample.db_ms for sample in samples),
                stats.mean(sample.cache_ms for sample in samples),
                stats.mean(sample.app_ms for sample in samples),
            ]
            total = statistics.fmean(map(duration_ms, samples))
            yield SpanRow(
                *group.key,
                variant,
                outcome=outcome,
                database_ms=parts[0],
                cache_ms=parts[1],
                app_ms=parts[2],
                outside_ms=max(0.0, total - sum(value or 0.0 for value in parts)),
                total_ms=total,
                requests=len(samples),
            )


def _of(group: Group, variant: str) -> list[Sample]:
    return [sample for sample in group.samples if sample.variant == variant]


def _first(reads: int) -> Which:
    return lambda sample: sample.index < reads
