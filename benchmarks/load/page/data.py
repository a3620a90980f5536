"""The metrics as the page shows and Prometheus reads them; pure, so that a page is a view of it.

It is computed in the process that takes the times, so an answer has to be a matter of a few
milliseconds however long the run is. ``docs/metrics.md`` lists the names for Prometheus.
"""

import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from benchmarks.analysis.stats.intervals import Interval, paired_log_interval
from benchmarks.analysis.stats.percentiles import least_for_one_beyond
from benchmarks.load.metrics import FAILED, WINDOW_S, MetricsStore, Total, Window

LEAST_PAIRS = 5
"""Seconds of both variants below which no speedup is shown."""
NOT_READ = frozenset({FAILED, "write"})
_CACHED = {"hit", "partial", "miss"}
_ORDER = ("hit", "partial", "miss", "bypass", "unknown", "write", FAILED)
US_PER_MS = _MS_PER_S = 1000.0
_PAIR = 2
_QUANTILES = {"0.5": "p50_ms", "0.95": "p95_ms", "0.99": "p99_ms"}
_BOUNDS = {"ratio": "estimate", "low": "low", "high": "high"}


def shown(
    metrics: MetricsStore,
    *,
    since: int,
    variants: Sequence[str],
    until: int = sys.maxsize,
    pairs_from: int = 0,
) -> dict[str, Any]:
    """Return the JSON of the page.

    ``seconds`` holds those from ``since``. Seconds from ``until`` on are still filling: they are
    left out, here and in the speedup, which compares the first two ``variants`` over the seconds
    from ``pairs_from``, the first that began after the flag was flipped. Latencies are
    milliseconds; the p95 of a second is that of the ``WINDOW_S`` seconds it belongs to. A p95 or
    p99 of too few requests is None.
    """
    entries, totals = metrics.seconds(), metrics.totals()
    tails = {
        (window.second, window.variant, window.outcome): tail_ms(window.p95_us, 95, window.requests)
        for window in metrics.windows()
        if window.second > since - WINDOW_S
    }
    return {
        "variants": list(variants),
        "cacheable": [name for name in variants if _cacheable(totals, name)],
        "seconds": [
            {"second": second, "variants": {name: _row(row[name], tails) for name in row}}
            for second, row in _rows(entries, variants, since, until).items()
        ],
        "hit_ratio": {name: hit_ratio_of(totals, name) for name in variants},
        "speedup": _speedup(_rows(entries, variants, pairs_from, until).values(), variants),
        "totals": [row for name in variants for row in _totals(totals, name)],
    }


def _rows(
    entries: Sequence[Window], variants: Sequence[str], first: int, end: int
) -> Mapping[int, Mapping[str, Sequence[Window]]]:
    """Return the entries of the seconds from ``first`` up to ``end``, by second and variant."""
    rows: dict[int, dict[str, list[Window]]] = defaultdict(lambda: defaultdict(list))
    start, stop = (bisect_left(entries, at, key=lambda entry: entry.second) for at in (first, end))
    for entry in entries[start:stop]:
        if entry.variant in variants:
            rows[entry.second][entry.variant].append(entry)
    return rows


def tail_ms(value_us: float, percent: float, requests: int) -> float | None:
    """Return a percentile in ms, None where no request is expected beyond it."""
    return value_us / US_PER_MS if requests >= least_for_one_beyond(percent) else None


def _row(
    entries: Sequence[Window], tails: Mapping[tuple[int, str, str], float | None]
) -> dict[str, Any]:
    reads = _reads(entries)
    return {
        "requests": sum(entry.requests for entry in entries),
        "failures": sum(entry.requests for entry in entries if entry.outcome == FAILED),
        "reads": sum(entry.requests for entry in reads),
        "hits": sum(entry.requests for entry in reads if entry.outcome == "hit"),
        "latency_ms": {
            entry.outcome: [
                entry.p50_us / US_PER_MS,
                tails.get((entry.second // WINDOW_S * WINDOW_S, entry.variant, entry.outcome)),
            ]
            for entry in reads
        },
    }


def _reads(entries: Iterable[Window]) -> list[Window]:
    return [entry for entry in entries if entry.outcome not in NOT_READ]


def _cacheable(totals: Mapping[tuple[str, str], Total], variant: str) -> bool:
    """Tell whether a cache has ever been asked: the hit ratio of a plain service is no figure."""
    return any(name == variant and outcome in _CACHED for name, outcome in totals)


def hit_ratio_of(totals: Mapping[tuple[str, str], Total], variant: str) -> float | None:
    """Return the whole hits divided by all reads, None where no cache was asked."""
    if not _cacheable(totals, variant):
        return None
    reads = {
        outcome: total.requests
        for (name, outcome), total in totals.items()
        if name == variant and outcome not in NOT_READ
    }
    return reads.get("hit", 0) / sum(reads.values())


def _speedup(
    rows: Iterable[Mapping[str, Sequence[Window]]], variants: Sequence[str]
) -> dict[str, Any] | None:
    """Return the ratio of mean read times, None where there are no two variants to compare."""
    if len(variants) < _PAIR:
        return None
    reference, variant = variants[:_PAIR]
    both = [(_mean_us(row.get(reference, ())), _mean_us(row.get(variant, ()))) for row in rows]
    pairs = [(slow, fast) for slow, fast in both if slow and fast]
    found = {"reference": reference, "variant": variant, "pairs": len(pairs)}
    if len(pairs) < LEAST_PAIRS:
        return found | {"ratio": None, "low": None, "high": None}
    interval: Interval = paired_log_interval(*zip(*pairs, strict=True))
    return found | {"ratio": interval.centre, "low": interval.low, "high": interval.high}


def _mean_us(entries: Iterable[Window]) -> float | None:
    reads = _reads(entries)
    requests = sum(entry.requests for entry in reads)
    return sum(entry.mean_us * entry.requests for entry in reads) / requests if requests else None


def _totals(totals: Mapping[tuple[str, str], Total], variant: str) -> list[dict[str, Any]]:
    """Return a row per outcome, and one of the failures also where there are none."""
    own = {outcome: total for (name, outcome), total in totals.items() if name == variant}
    requests = sum(total.requests for total in own.values())
    if not requests:
        return []
    return [
        _total(variant, outcome, own.get(outcome), requests)
        for outcome in _ORDER
        if outcome in own or outcome == FAILED
    ]


def _total(variant: str, outcome: str, total: Total | None, requests: int) -> dict[str, Any]:
    row: dict[str, Any] = {"variant": variant, "outcome": outcome}
    if total is None or not total.requests:
        names = ("mean_ms", "p50_ms", "p95_ms", "p99_ms")
        return row | {"requests": 0, "share": 0.0} | dict.fromkeys(names)
    return row | {
        "requests": total.requests,
        "share": total.requests / requests,
        "mean_ms": total.mean_us / US_PER_MS,
        "p50_ms": total.p50_us / US_PER_MS,
        "p95_ms": tail_ms(total.p95_us, 95, total.requests),
        "p99_ms": tail_ms(total.p99_us, 99, total.requests),
    }


class _Load(Collector):
    def __init__(self, shown: Mapping[str, Any], users: int) -> None:
        self._shown = shown
        self._users = users

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families."""
        users = "Simulated users at work."
        yield GaugeMetricFamily("fivefold_load_users", users, value=self._users)
        yield _durations(self._shown["totals"])
        ratios = GaugeMetricFamily(
            "fivefold_load_hit_ratio", "Answers from the cache by reads.", labels=("variant",)
        )
        for variant, ratio in self._shown["hit_ratio"].items():
            if ratio is not None:
                ratios.add_metric((variant,), ratio)
        yield ratios
        yield _speedups(self._shown["speedup"])


def exposition(shown: Mapping[str, Any], *, users: int) -> bytes:
    """Return what the page shows, in Prometheus' text format.

    A run that begins sets everything back, which Prometheus takes for a restart.
    """
    registry = CollectorRegistry()
    registry.register(_Load(shown, users))
    return generate_latest(registry)


def _durations(totals: Sequence[Mapping[str, Any]]) -> Metric:
    name = "fivefold_load_request_duration_seconds"
    family = Metric(name, "Latency that users saw since the run began, with quantiles.", "summary")
    for total in totals:
        labels = {"variant": total["variant"], "outcome": total["outcome"]}
        family.add_sample(f"{name}_count", labels, total["requests"])
        family.add_sample(
            f"{name}_sum", labels, total["requests"] * (total["mean_ms"] or 0.0) / _MS_PER_S
        )
        for quantile, key in _QUANTILES.items():
            if total[key] is not None:
                family.add_sample(name, labels | {"quantile": quantile}, total[key] / _MS_PER_S)
    return family


def _speedups(speedup: Mapping[str, Any] | None) -> Metric:
    family = GaugeMetricFamily(
        "fivefold_load_speedup",
        "Mean read time of the reference by that of the variant, with its 90 % interval.",
        labels=("reference", "variant", "bound"),
    )
    if speedup is not None and speedup["ratio"] is not None:
        for key, bound in _BOUNDS.items():
            family.add_metric((speedup["reference"], speedup["variant"], bound), speedup[key])
    return family
