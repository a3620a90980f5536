"""The metrics as page, summary and Prometheus have them; pure, so that a page is a view of it.

It is computed in the process that takes the times, so an answer has to be a matter of a few
milliseconds however long the run is. ``docs/metrics.md`` lists the names for Prometheus.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from benchmarks.analysis.stats.intervals import Interval, nested_log_interval
from benchmarks.analysis.stats.percentiles import least_for_one_beyond
from benchmarks.load.metrics import FAILED, Key, Latencies, MetricsStore, Second
from benchmarks.report.figure import to_csv

LEAST_PAIRS = 5
"""Seconds of both variants below which no speedup is shown."""
_NOT_READ = frozenset({FAILED, "write"})
_CACHED = {"hit", "partial", "miss"}
_ORDER = ("hit", "partial", "miss", "bypass", "unknown", "write", FAILED)
_US_PER_MS = _MS_PER_S = 1000.0
_PAIR = 2
_FIGURES = ("requests", "requests_per_second", "p50_ms", "p95_ms", "failed", "hit_ratio")
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
    seconds, totals = _by_second(metrics.seconds(), variants, until), metrics.totals()
    return {
        "variants": list(variants),
        "cacheable": [name for name in variants if _cacheable(totals, name)],
        "seconds": [
            {"second": second, "variants": {name: _row(row[name]) for name in row}}
            for second, row in seconds.items()
            if second >= since
        ],
        "hit_ratio": {name: _hit_ratio(totals, name) for name in variants},
        "speedup": _speedup(
            [row for second, row in seconds.items() if second >= pairs_from], variants
        ),
        "totals": [row for name in variants for row in _totals(totals, name)],
    }


def _by_second(
    entries: Iterable[Second], variants: Sequence[str], until: int
) -> Mapping[int, Mapping[str, Sequence[Second]]]:
    rows: dict[int, dict[str, list[Second]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        if entry.second < until and entry.variant in variants:
            rows[entry.second][entry.variant].append(entry)
    return rows


def _row(entries: Sequence[Second]) -> dict[str, Any]:
    reads = _reads(entries)
    return {
        "requests": sum(entry.own.requests for entry in entries),
        "failures": sum(entry.own.requests for entry in entries if entry.outcome == FAILED),
        "reads": sum(entry.own.requests for entry in reads),
        "hits": sum(entry.own.requests for entry in reads if entry.outcome == "hit"),
        "latency_ms": {
            entry.outcome: [entry.own.p50_us / _US_PER_MS, _times_ms(entry.window)["p95_ms"]]
            for entry in reads
        },
    }


def _reads(entries: Iterable[Second]) -> list[Second]:
    return [entry for entry in entries if entry.outcome not in _NOT_READ]


def _times_ms(found: Latencies | None) -> dict[str, float | None]:
    """Return the mean and the percentiles; None where no request is expected beyond one."""
    if found is None or not found.requests:
        return dict.fromkeys(("mean_ms", "p50_ms", "p95_ms", "p99_ms"))
    tails = {
        f"p{percent}_ms": value_us / _US_PER_MS
        if found.requests >= least_for_one_beyond(percent)
        else None
        for percent, value_us in ((95, found.p95_us), (99, found.p99_us))
    }
    return {"mean_ms": found.mean_us / _US_PER_MS, "p50_ms": found.p50_us / _US_PER_MS} | tails


def _cacheable(totals: Mapping[Key, Latencies], variant: str) -> bool:
    """Tell whether a cache has ever been asked: the hit ratio of a plain service is no figure."""
    return any(name == variant and outcome in _CACHED for name, outcome in totals)


def _hit_ratio(totals: Mapping[Key, Latencies], variant: str) -> float | None:
    """Return the whole hits divided by all reads, None where no cache was asked."""
    if not _cacheable(totals, variant):
        return None
    reads = {
        outcome: total.requests
        for (name, outcome), total in totals.items()
        if name == variant and outcome not in _NOT_READ
    }
    return reads.get("hit", 0) / sum(reads.values())


def _speedup(
    rows: Iterable[Mapping[str, Sequence[Second]]], variants: Sequence[str]
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
    interval: Interval = nested_log_interval(*([side] for side in zip(*pairs, strict=True)))
    return found | {"ratio": interval.centre, "low": interval.low, "high": interval.high}


def _mean_us(entries: Iterable[Second]) -> float | None:
    reads = [entry.own for entry in _reads(entries)]
    requests = sum(own.requests for own in reads)
    return sum(own.mean_us * own.requests for own in reads) / requests if requests else None


def _totals(totals: Mapping[Key, Latencies], variant: str) -> list[dict[str, Any]]:
    """Return a row per outcome, and one of the failures also where there are none."""
    own = {outcome: total for (name, outcome), total in totals.items() if name == variant}
    if not own:
        return []
    amounts = {outcome: total.requests for outcome, total in own.items()} | {
        FAILED: own[FAILED].requests if FAILED in own else 0
    }
    return [
        {
            "variant": variant,
            "outcome": outcome,
            "requests": amounts[outcome],
            "share": amounts[outcome] / sum(amounts.values()),
            **_times_ms(own.get(outcome)),
        }
        for outcome in _ORDER
        if outcome in amounts
    ]


def summary(
    metrics: MetricsStore, *, variants: Sequence[str], seconds: float
) -> Mapping[str, Any] | None:
    """Return how long a finished load was and a row per variant, None where nothing was answered.

    The percentiles are those of reads. Of two variants there is a third row: the second by the
    first, where both have a figure.
    """
    rows = [_summary_row(metrics, variant, seconds) for variant in variants]
    if not any(row["requests"] for row in rows):
        return None
    if len(rows) > 1:
        rows.append(_ratio(*rows))
    return {"seconds": seconds, "rows": rows}


def _summary_row(metrics: MetricsStore, variant: str, seconds: float) -> dict[str, Any]:
    requests, totals = metrics.total_of(variant).requests, metrics.totals()
    reads = _times_ms(metrics.total_of(variant, without=_NOT_READ))
    failed = totals.get((variant, FAILED))
    return {
        "variant": variant,
        "requests": requests,
        "requests_per_second": requests / seconds if seconds else None,
        "p50_ms": reads["p50_ms"],
        "p95_ms": reads["p95_ms"],
        "failed": failed.requests if failed else 0,
        "hit_ratio": _hit_ratio(totals, variant),
    }


def _ratio(reference: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, Any]:
    """Return each figure of a variant divided by that of the reference."""
    return {
        "variant": f"{variant['variant']} / {reference['variant']}",
        **{
            name: variant[name] / reference[name] if variant[name] and reference[name] else None
            for name in _FIGURES
        },
    }


def summary_csv(made: Mapping[str, Any], *, workload: str) -> str:
    """Return the rows of a summary as CSV, with how long the load was and what its users did."""
    rows = [
        (workload, _text(made["seconds"]), row["variant"], *(_text(row[name]) for name in _FIGURES))
        for row in made["rows"]
    ]
    return to_csv((("workload", "seconds", "variant", *_FIGURES), *rows))


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.9g}"


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
    return generate_latest(_Load(shown, users))


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
