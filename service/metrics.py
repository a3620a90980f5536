"""Counters that cost a dictionary look-up to count, and are turned into metrics when scraped.

The present state of the process is looked at when scraped, too.

``docs/metrics.md`` lists every name; a test compares it with what a real service exports.
"""

import platform
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import add, attrgetter
from typing import cast

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from service import VERSION
from service.coherence.fence import State
from service.coherence.lease import Lease
from service.domain import CachedValue
from service.trace import Trace, cache_status, summary

BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
METHODS = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))
OTHER_METHOD = "other"
EVENTS = (
    "document_skipped",
    "redis_failed",
    "redis_lost",
    "redis_recovered",
)
"""Series that are shown from the start: a counter that appears with its first event has no rate."""

Source = Callable[[], Iterable[Metric]]
_Key = tuple[str, str, int, tuple[tuple[CachedValue, str], ...]]
"""Method, route, status, and the outcome of each cached value."""


@dataclass(slots=True)
class Tally:
    """The number and the duration of requests with the same key.

    ``cache_status`` is what all of them are answered in the header of this name.
    """

    cache_status: bytes = b""
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    sum_s: float = 0.0
    cache_s: float = 0.0
    db_s: float = 0.0
    db_calls: int = 0

    @property
    def count(self) -> int:
        """The number of requests."""
        return sum(self.buckets)

    def add(self, trace: Trace, took_s: float) -> None:
        """Count one finished request and what it waited for."""
        self.buckets[bisect_left(BUCKETS_S, took_s)] += 1
        self.sum_s += took_s
        self.cache_s += trace.cache_s
        self.db_s += trace.db_s
        self.db_calls += trace.db_calls

    def merge(self, other: "Tally") -> None:
        """Add what another one counted."""
        self.buckets = [*map(add, self.buckets, other.buckets)]
        self.sum_s += other.sum_s
        self.cache_s += other.cache_s
        self.db_s += other.db_s
        self.db_calls += other.db_calls


class Metrics(Collector):
    """The counters of one process."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter(dict.fromkeys(EVENTS, 0))
        self._tallies: dict[_Key, Tally] = {}
        self._sources: list[Source] = []
        self._process = ProcessCollector(registry=None)

    def tally(self, method: str, route: str, status: int, trace: Trace) -> Tally:
        """Return where a request like this one is counted."""
        # One look-up for all that is counted of a request: everything else is worked out of it
        # when they are read.
        key = method, route, status, tuple(trace.outcomes.items())
        return self._tallies.get(key) or self._tally_of(key)

    def event(self, name: str) -> None:
        """Count something that should be rare."""
        self.events[name] += 1

    def watch(self, *sources: Source) -> None:
        """Export what these return as well; they are asked at every scrape, and must not wait."""
        self._sources.extend(sources)

    @property
    def outcomes(self) -> Counter[tuple[str, str]]:
        """The number of answers by cached value and outcome."""
        counted: Counter[tuple[str, str]] = Counter()
        for (*_, outcomes), tally in list(self._tallies.items()):
            for kind_and_outcome in outcomes:
                counted[kind_and_outcome] += tally.count
        return counted

    def outcome_counters(self) -> dict[str, int]:
        """Return how often each cached value was answered in which way, by one name."""
        return {f"{kind}; {outcome}": count for (kind, outcome), count in self.outcomes.items()}

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families."""
        yield self._durations()
        yield from self._waits()
        reads = CounterMetricFamily(
            "fivefold_cache_reads",
            "Reads of a slot by how it was answered (the words of the Cache-Status header).",
            labels=("slot", "outcome"),
        )
        for (kind, outcome), count in self.outcomes.items():
            reads.add_metric((kind, outcome), count)
        yield reads
        events = CounterMetricFamily(
            "fivefold_events", "Things that should be rare.", labels=("event",)
        )
        for name, count in list(self.events.items()):
            events.add_metric((name,), count)
        yield events
        for source in self._sources:
            yield from source()
        yield from self._process.collect()

    def render(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    def _tally_of(self, key: _Key) -> Tally:
        """Return the tally of a key; a method that a client made up gets none of its own."""
        method, *rest = key
        known = method if method in METHODS else OTHER_METHOD
        return self._tallies.setdefault(
            cast(_Key, (known, *rest)), Tally(cache_status(key[3]).encode())
        )

    def _durations(self) -> Metric:
        family = HistogramMetricFamily(
            "fivefold_http_request_duration_seconds",
            "Time from the first byte of a request to the last byte of its answer.",
            labels=("method", "route", "status", "outcome"),
        )
        merged: dict[tuple[str, str, str, str], Tally] = {}
        for (method, route, status, outcomes), tally in list(self._tallies.items()):
            labels = method, route, str(status), summary(what for _, what in outcomes)
            merged.setdefault(labels, Tally()).merge(tally)
        for labels, tally in merged.items():
            family.add_metric(labels, _cumulative(tally.buckets), tally.sum_s)
        return family

    def _waits(self) -> Iterator[Metric]:
        by_route: dict[tuple[str, str], Tally] = {}
        for (method, route, *_), tally in list(self._tallies.items()):
            by_route.setdefault((method, route), Tally()).merge(tally)
        for name, help_text, counted in (
            ("cache_wait_seconds", "Time that requests waited for Redis.", attrgetter("cache_s")),
            ("database_wait_seconds", "Time that requests waited for MongoDB.", attrgetter("db_s")),
            ("database_calls", "Calls to MongoDB that requests made.", attrgetter("db_calls")),
        ):
            family = CounterMetricFamily(f"fivefold_{name}", help_text, labels=("method", "route"))
            for labels, tally in by_route.items():
                family.add_metric(labels, counted(tally))
            yield family


def _cumulative(buckets: Iterable[int]) -> list[tuple[str, int]]:
    cumulative, total = [], 0
    for bound, count in zip((*BUCKETS_S, "+Inf"), buckets, strict=True):
        total += count
        cumulative.append((str(bound), total))
    return cumulative


def build_info(variant: str) -> Iterator[Metric]:
    """Describe the process: which version, which Python, with the Redis layer or without it."""
    labels = {"version": VERSION, "python": platform.python_version(), "variant": variant}
    yield InfoMetricFamily("fivefold_build", "What this process runs; always 1.", value=labels)


def open_breakers(metrics: Metrics) -> Iterator[Metric]:
    """Tell to how many Redis servers this process sends nothing, since they do not answer."""
    value = metrics.events["redis_lost"] - metrics.events["redis_recovered"]
    yield GaugeMetricFamily(
        "fivefold_redis_breakers_open", "Redis servers that do not answer.", value=value
    )


def fence_state(lease: Lease) -> Iterator[Metric]:
    """Describe the fence as this process knows it, and its lease on it; no I/O.

    The fence belongs to the deployment, so all of its processes tell the same of it, each as late
    as its last renewal.
    """
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
        ("lease_seconds", "The longest lease in the deployment.", fence.lease_s if fence else 0),
        ("lease_valid", "1 while this process may use the fence.", bool(lease.valid_fence())),
    ):
        yield GaugeMetricFamily(f"fivefold_{name}", help_text, value=value)
