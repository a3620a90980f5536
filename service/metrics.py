"""Counters that cost a dictionary update to count, and are turned into metrics when scraped."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from service.trace import Trace, is_hit, reason

REASONS = ("cold", "expired", "evicted", "invalidated", "fenced", "off")
BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class _Latency:
    __slots__ = ("buckets", "sum_s")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BUCKETS_S) + 1)
        self.sum_s = 0.0


class Metrics(Collector):
    """The counters of one process."""

    def __init__(self) -> None:
        self.slots: Counter[tuple[str, str]] = Counter()
        self.events: Counter[str] = Counter()
        self._requests: dict[tuple[str, str, int], _Latency] = {}

    def request(self, method: str, route: str, status: int, trace: Trace, took_s: float) -> None:
        """Count one finished request and how its slots were answered."""
        latency = self._requests.setdefault((method, route, status), _Latency())
        latency.buckets[bisect_left(BUCKETS_S, took_s)] += 1
        latency.sum_s += took_s
        for slot, outcome in trace.outcomes.items():
            self.slots[slot, outcome] += 1

    def event(self, name: str) -> None:
        """Count something that should be rare."""
        self.events[name] += 1

    def slot_counters(self) -> dict[str, int]:
        """Return how often each slot was answered in which way."""
        return {f"{slot}; {outcome}": count for (slot, outcome), count in self.slots.items()}

    def hit_ratio(self) -> float | None:
        """Return hits by reads of a slot, ``None`` before the first read."""
        reads = self.slots.total()
        hits = sum(count for (_, outcome), count in self.slots.items() if is_hit(outcome))
        return hits / reads if reads else None

    def not_hit(self) -> dict[str, int]:
        """Return how often the cache did not answer a slot, by reason."""
        reasons = Counter(dict.fromkeys(REASONS, 0))
        for (_, outcome), count in self.slots.items():
            if not is_hit(outcome):
                reasons[reason(outcome)] += count
        return dict(reasons)

    def collect(self) -> Iterable[Metric]:
        """Yield the metric families."""
        requests = HistogramMetricFamily(
            "fivefold_http_request_duration_seconds",
            "Time from the first byte of a request to the last byte of its answer.",
            labels=("method", "route", "status"),
        )
        for (method, route, status), latency in list(self._requests.items()):
            cumulative, total = [], 0
            for bound, count in zip((*BUCKETS_S, "+Inf"), latency.buckets, strict=True):
                total += count
                cumulative.append((str(bound), total))
            requests.add_metric((method, route, str(status)), cumulative, latency.sum_s)
        yield requests
        slots = CounterMetricFamily(
            "fivefold_cache_reads",
            "Reads of a slot by how it was answered (the words of the Cache-Status header).",
            labels=("slot", "outcome"),
        )
        for (slot, outcome), count in list(self.slots.items()):
            slots.add_metric((slot, outcome), count)
        yield slots
        events = CounterMetricFamily(
            "fivefold_events", "Things that should be rare.", labels=("event",)
        )
        for name, count in list(self.events.items()):
            events.add_metric((name,), count)
        yield events

    def render(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)
