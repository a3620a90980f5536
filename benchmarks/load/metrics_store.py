"""Latencies of a run by second, variant and outcome, merged over processes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.load.histogram import Histogram

OPEN_SECONDS = 15
"""How long a second is kept in detail: reports of other processes come late."""
MOST_SECONDS = 3600
FAILED = "failed"
"""The outcome of a request that was not answered as it should be."""

Key = tuple[str, str]
"""Variant and outcome."""


@dataclass(frozen=True, slots=True)
class Second:
    """What began a second ago and is over, of one variant and outcome; latencies are µs."""

    second: int
    variant: str
    outcome: str
    requests: int
    mean_us: float
    p50_us: float
    p95_us: float


@dataclass(frozen=True, slots=True)
class Total:
    """Everything since the last reset, of one variant and outcome; latencies are µs."""

    requests: int
    mean_us: float
    p50_us: float
    p95_us: float
    p99_us: float


class MetricsStore:
    """Records requests; the memory does not grow with the run.

    The last ``OPEN_SECONDS`` seconds are histograms, older ones their summaries, of which the last
    ``MOST_SECONDS`` are kept. What comes later than that counts in the totals only.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything, also what was not drained yet."""
        self._open: dict[int, dict[Key, Histogram]] = {}
        self._closed: dict[int, list[Second]] = {}
        self._totals: dict[Key, Histogram] = {}
        self._undrained: dict[int, dict[Key, Histogram]] = {}
        self._latest = 0

    def record(self, second: int, variant: str, outcome: str, latency_us: int) -> None:
        """Note a request that was over in that second since the run began."""
        key = variant, outcome
        for place in (self._of(self._undrained, second, key), *self._places(second, key)):
            place.add(latency_us)

    def drain(self) -> dict[str, Any]:
        """Return what was recorded since the last time, for another store to merge; JSON-able."""
        drained, self._undrained = self._undrained, {}
        return {
            "seconds": [
                [second, *key, histogram.dump()]
                for second, histograms in drained.items()
                for key, histogram in histograms.items()
            ]
        }

    def merge(self, payload: Mapping[str, Any]) -> None:
        """Add what another store drained."""
        for second, variant, outcome, dumped in payload["seconds"]:
            histogram = Histogram.load(dumped)
            for place in self._places(second, (variant, outcome)):
                place.merge(histogram)

    def seconds(self) -> Sequence[Second]:
        """Return the summaries by second, the oldest first; the last ones may still change."""
        every = [entry for second in sorted(self._closed) for entry in self._closed[second]]
        for second in sorted(self._open):
            every += _summaries(second, self._open[second])
        return every

    def totals(self) -> Mapping[Key, Total]:
        """Return the summaries of everything by variant and outcome."""
        return {key: _total(histogram) for key, histogram in self._totals.items()}

    def _places(self, second: int, key: Key) -> Iterator[Histogram]:
        """Yield where a latency is counted, and close what has become old."""
        yield self._totals.setdefault(key, Histogram())
        if second > self._latest:
            self._latest = second
            self._close()
        if second > self._latest - OPEN_SECONDS:
            yield self._of(self._open, second, key)

    def _close(self) -> None:
        for second in [one for one in self._open if one <= self._latest - OPEN_SECONDS]:
            self._closed[second] = _summaries(second, self._open.pop(second))
        for second in [one for one in self._closed if one <= self._latest - MOST_SECONDS]:
            del self._closed[second]

    @staticmethod
    def _of(seconds: dict[int, dict[Key, Histogram]], second: int, key: Key) -> Histogram:
        return seconds.setdefault(second, {}).setdefault(key, Histogram())


def _summaries(second: int, histograms: Mapping[Key, Histogram]) -> list[Second]:
    return [
        Second(second, *key, histogram.count, histogram.mean, *histogram.percentiles(50, 95))
        for key, histogram in sorted(histograms.items())
    ]


def _total(histogram: Histogram) -> Total:
    return Total(histogram.count, histogram.mean, *histogram.percentiles(50, 95, 99))
