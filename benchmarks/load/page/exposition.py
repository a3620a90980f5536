"""The figures of the page for Prometheus; ``docs/metrics.md`` lists their names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_QUANTILES = {"0.5": "p50_ms", "0.95": "p95_ms", "0.99": "p99_ms"}
_BOUNDS = {"ratio": "estimate", "low": "low", "high": "high"}
_MS_PER_S = 1000.0


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
        yield _speedup(self._shown["speedup"])


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


def _speedup(speedup: Mapping[str, Any] | None) -> Metric:
    family = GaugeMetricFamily(
        "fivefold_load_speedup",
        "Mean read time of the reference by that of the variant, with its 95 % interval.",
        labels=("reference", "variant", "bound"),
    )
    if speedup is not None and speedup["ratio"] is not None:
        for key, bound in _BOUNDS.items():
            family.add_metric((speedup["reference"], speedup["variant"], bound), speedup[key])
    return family
