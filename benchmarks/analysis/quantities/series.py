"""The curves of a report: what its figures draw, as plain numbers."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.analysis.quantities.blocks import duration_ms
from benchmarks.analysis.quantities.plan import Group
from benchmarks.analysis.quantities.ratios import Which
from benchmarks.analysis.quantities.summary import hit_ratio
from benchmarks.analysis.stats import percentiles as stats
from benchmarks.storage.records import Sample

Rows = list[dict[str, Any]]
PERCENTILES = (5, 10, 25, 50, 75, 80, 85, 90, 95, 97.5, 99, 99.5, 99.9)
BINS = 25


def series(groups: Sequence[Group]) -> dict[str, Rows]:
    """Return every curve, a row per point."""
    claimed = [group for group in groups if group.regime["role"] == "claim"]
    cold = [group for group in groups if group.starts_cold and not group.is_noise]
    return {
        "timeline": [row for group in cold for row in timeline(group)],
        "cumulative": [row for group in cold for row in cumulative(group)],
        "percentiles": [row for group in claimed for row in percentiles(group)],
        "hit_ratio_over_time": [
            row
            for group in groups
            if group.is_mix and not group.is_load
            for row in hit_ratio_over_time(group)
        ],
        "spans": [row for group in claimed for row in spans(group)],
    }


def timeline(group: Group) -> Iterator[dict[str, Any]]:
    """Yield the quartiles of the n-th request of a session, in ms."""
    for variant in group.variants:
        by_index: dict[int, list[float]] = defaultdict(list)
        for sample in _of(group, variant):
            by_index[sample.index].append(duration_ms(sample))
        for index, values in sorted(by_index.items()):
            low, middle, high = np.percentile(values, [25, 50, 75]).tolist()
            yield _about(group, variant) | {
                "request": index + 1,
                "p25_ms": low,
                "p50_ms": middle,
                "p75_ms": high,
                "requests": len(values),
            }


def cumulative(group: Group) -> Iterator[dict[str, Any]]:
    """Yield S(n), reference / variant of the first n requests of a session, with 95 %."""
    reference, *others = group.variants
    numbers = sorted({1 + sample.index for sample in group.samples})
    for variant in others:
        for reads in numbers:
            found = group.ratio(reference, variant, of=_first(reads))
            if found is not None:
                yield _about(group, variant) | {
                    "reads": reads,
                    "speedup": found.centre,
                    "low": found.low,
                    "high": found.high,
                }


def percentiles(group: Group) -> Iterator[dict[str, Any]]:
    """Yield the percentiles of single requests, as far out as there are samples for them."""
    for variant in group.variants:
        values = [duration_ms(sample) for sample in _of(group, variant)]
        for p in PERCENTILES:
            found = stats.percentile(values, p)
            if found is not None:
                yield _about(group, variant) | {"percentile": p, "ms": found}


def hit_ratio_over_time(group: Group) -> Iterator[dict[str, Any]]:
    """Yield which part of the reads hit, by their place in a block that starts cold."""
    for variant in group.variants[1:]:
        reads = [sample for sample in _of(group, variant) if sample.outcome != "write"]
        if not reads:
            continue
        width = max(1, -(-(1 + max(sample.index for sample in reads)) // BINS))
        bins: dict[int, list[Sample]] = defaultdict(list)
        for sample in reads:
            bins[sample.index // width].append(sample)
        for number, own in sorted(bins.items()):
            yield _about(group, variant) | {
                "operation": (number + 0.5) * width,
                "hit_ratio": hit_ratio(own),
                "reads": len(own),
            }


def spans(group: Group) -> Iterator[dict[str, Any]]:
    """Yield where the time of a request goes, in ms, by what the cache did.

    ``outside`` is what the client saw beyond what the service says of itself.
    """
    for variant in group.variants:
        by_outcome: dict[str, list[Sample]] = defaultdict(list)
        for sample in _of(group, variant):
            by_outcome[sample.outcome].append(sample)
        for outcome, samples in sorted(by_outcome.items()):
            parts = {
                "database_ms": _mean(sample.db_ms for sample in samples),
                "cache_ms": _mean(sample.cache_ms for sample in samples),
                "app_ms": _mean(sample.app_ms for sample in samples),
            }
            total = statistics.fmean(map(duration_ms, samples))
            known = sum(value or 0.0 for value in parts.values())
            yield (
                _about(group, variant)
                | parts
                | {
                    "outcome": outcome,
                    "outside_ms": max(0.0, total - known),
                    "total_ms": total,
                    "requests": len(samples),
                }
            )


def _about(group: Group, variant: str) -> dict[str, Any]:
    scenario, regime = group.key
    return {"scenario": scenario, "regime": regime, "variant": variant}


def _of(group: Group, variant: str) -> list[Sample]:
    return [sample for sample in group.samples if sample.variant == variant]


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _first(reads: int) -> Which:
    return lambda sample: sample.index < reads
