"""Latencies of a run by time, variant and outcome, merged over processes."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import Any

OPEN_SECONDS = 15
"""Seconds that a window is kept in detail: reports of other processes come late."""
WINDOW_S = 10
"""The length of the windows for tails: a single second holds too few requests for a p95."""
MOST_SECONDS = 600
"""Seconds that are kept; a page that is opened gets all of them at once."""
FAILED = "failed"
"""The outcome of a request that was not answered as it should be."""

Key = tuple[str, str]
"""Variant and outcome."""
_EXACT_BITS = 11
"""Values below 2^11 have a bucket each; above, 2^10 buckets share each power of two."""


class Histogram:
    """Counts whole numbers to three significant digits.

    The buckets are those of HdrHistogram, kept in a dictionary: the library takes 17 408 counters
    for a histogram however few values are in it, and a live page needs some of them every second
    in the very process that takes the times. The mean is exact.
    """

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0
        self.total = 0

    @property
    def mean(self) -> float:
        """Return the mean, 0 of nothing."""
        return self.total / self.count if self.count else 0.0

    def add(self, value: int) -> None:
        """Count a value that is not negative."""
        shift = max(value.bit_length() - _EXACT_BITS, 0)
        middle = (value >> shift << shift) + (1 << shift) // 2
        self._counts[middle] = self._counts.get(middle, 0) + 1
        self.count += 1
        self.total += value

    def merge(self, dumped: Sequence[Any]) -> None:
        """Count everything that another one counted and dumped."""
        total, values, counts = dumped
        for value, count in zip(values, counts, strict=True):
            self._counts[value] = self._counts.get(value, 0) + count
        self.count += sum(counts)
        self.total += total

    def dump(self) -> list[Any]:
        """Return what ``merge`` takes; JSON-able."""
        return [self.total, list(self._counts), list(self._counts.values())]

    def percentiles(self, *percents: int) -> list[float]:
        """Return the middle of the bucket that holds each percentile, 0s of nothing."""
        if not self.count:
            return [0.0] * len(percents)
        values = sorted(self._counts)
        reached = list(accumulate(self._counts[value] for value in values))
        ranks = [max(1, ceil(percent * self.count / 100)) for percent in percents]
        return [float(values[bisect_left(reached, rank)]) for rank in ranks]


@dataclass(frozen=True, slots=True)
class Window:
    """The requests that ended in a second, or in the ``WINDOW_S`` seconds from ``second`` on.

    It is of one variant and outcome; latencies are µs.
    """

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


class _Windows:
    """Windows of equal length: the last ``OPEN_SECONDS`` are histograms, older ones summaries."""

    def __init__(self, length_s: int) -> None:
        self.open: dict[int, dict[Key, Histogram]] = {}
        self._length_s = length_s
        self._closed: dict[int, list[Window]] = {}
        self._latest = 0

    def at(self, second: int, key: Key) -> Iterator[Histogram]:
        """Yield where a latency of that second is counted, and close what has become old."""
        if second > self._latest:
            self._latest = second
            self._close()
        start = second - second % self._length_s
        if self._is_open(start):
            yield _of(self.open, start, key)

    def summaries(self) -> list[Window]:
        """Return the summaries, the oldest first; the last ones may still change."""
        every = [entry for start in sorted(self._closed) for entry in self._closed[start]]
        for start in sorted(self.open):
            every += _summaries(start, self.open[start])
        return every

    def _is_open(self, start: int) -> bool:
        return start + self._length_s > self._latest - OPEN_SECONDS + 1

    def _close(self) -> None:
        for start in [one for one in self.open if not self._is_open(one)]:
            self._closed[start] = _summaries(start, self.open.pop(start))
        for start in [one for one in self._closed if one <= self._latest - MOST_SECONDS]:
            del self._closed[start]


class MetricsStore:
    """Records requests; the memory does not grow with the run.

    The last ``MOST_SECONDS`` seconds are kept. What comes later than ``OPEN_SECONDS`` counts in the
    totals only.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything, also what was not drained yet."""
        self._seconds, self._windows = _Windows(1), _Windows(WINDOW_S)
        self._totals: dict[Key, Histogram] = {}
        self._undrained: dict[int, dict[Key, Histogram]] = {}

    def record(self, second: int, variant: str, outcome: str, latency_us: int) -> None:
        """Note a request that was over in that second since the run began."""
        key = variant, outcome
        for counts in (_of(self._undrained, second, key), *self._counts(second, key)):
            counts.add(latency_us)

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
            for counts in self._counts(second, (variant, outcome)):
                counts.merge(dumped)

    def seconds(self) -> Sequence[Window]:
        """Return the summaries by second, the oldest first; the last ones may still change."""
        return self._seconds.summaries()

    def windows(self) -> Sequence[Window]:
        """Return the summaries of every ``WINDOW_S`` seconds, as ``seconds`` does."""
        return self._windows.summaries()

    def totals(self) -> Mapping[Key, Total]:
        """Return the summaries of everything by variant and outcome."""
        return {key: _total(histogram) for key, histogram in self._totals.items()}

    def total_of(self, variant: str, *, without: Collection[str] = ()) -> Total:
        """Return the summary of all requests of a variant, but of those with some outcomes."""
        together = Histogram()
        for (name, outcome), histogram in self._totals.items():
            if name == variant and outcome not in without:
                together.merge(histogram.dump())
        return _total(together)

    def _counts(self, second: int, key: Key) -> Iterator[Histogram]:
        yield self._totals.setdefault(key, Histogram())
        yield from self._seconds.at(second, key)
        yield from self._windows.at(second, key)


def _of(windows: dict[int, dict[Key, Histogram]], start: int, key: Key) -> Histogram:
    return windows.setdefault(start, {}).setdefault(key, Histogram())


def _summaries(second: int, histograms: Mapping[Key, Histogram]) -> list[Window]:
    return [
        Window(second, *key, histogram.count, histogram.mean, *histogram.percentiles(50, 95))
        for key, histogram in sorted(histograms.items())
    ]


def _total(histogram: Histogram) -> Total:
    return Total(histogram.count, histogram.mean, *histogram.percentiles(50, 95, 99))
