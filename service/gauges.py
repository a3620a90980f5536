"""The present state of a process, as metrics that are made when scraped."""

import platform
from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)

from service import VERSION
from service.coherence.fence import State
from service.coherence.lease import Lease
from service.metrics import Metrics, Source


def build_info(variant: str) -> Source:
    """Describe the process: which version, which Python, with the Redis layer or without it."""
    labels = {"version": VERSION, "python": platform.python_version(), "variant": variant}

    def collect() -> Iterator[Metric]:
        yield InfoMetricFamily("fivefold_build", "What this process runs; always 1.", value=labels)

    return collect


def open_breakers(metrics: Metrics) -> Source:
    """Tell to how many Redis servers this process sends nothing, since they do not answer."""

    def collect() -> Iterator[Metric]:
        value = metrics.events["redis_lost"] - metrics.events["redis_recovered"]
        yield GaugeMetricFamily(
            "fivefold_redis_breakers_open", "Redis servers that do not answer.", value=value
        )

    return collect


def fence_state(lease: Lease) -> Source:
    """Describe the fence as this process knows it, and its lease on it; no I/O.

    The fence belongs to the deployment, so all of its processes tell the same of it, each as late
    as its last renewal.
    """

    def collect() -> Iterator[Metric]:
        fence = lease.known
        state = GaugeMetricFamily(
            "fivefold_fence_state", "1 for the state that the fence is in.", labels=("state",)
        )
        for each in State:
            state.add_metric((each.value,), fence is not None and fence.state is each)
        yield state
        fences = CounterMetricFamily(
            "fivefold_fences", "How often the deployment closed its fence.", labels=("reason",)
        )
        for reason, count in (fence.fences if fence else {}).items():
            fences.add_metric((reason,), count)
        yield fences
        for name, help_text, value in (
            ("fence_enabled", "The operator's flag.", fence is not None and fence.enabled),
            ("fence_epoch", "The number of the namespace.", fence.namespace if fence else 0),
            (
                "lease_seconds",
                "The longest lease in the deployment.",
                fence.lease_s if fence else 0,
            ),
            (
                "lease_valid",
                "1 while this process may use the fence.",
                lease.valid_fence() is not None,
            ),
        ):
            yield GaugeMetricFamily(f"fivefold_{name}", help_text, value=value)

    return collect
