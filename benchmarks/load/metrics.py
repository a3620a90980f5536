"""Latencies of a run by time, variant and outcome, merged over processes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Self

OPEN_SECONDS = 15
"""Seconds that a window is kept in detail: reports of other processes come late."""
WINDOW_S = 10
"""The length of the windows for tails: a single second holds too few requests for a p95."""
MOST_SECONDS = 3600
FAILED = "failed"
"""The outcome of a request that was not answered as it should be."""

Key = tuple[str, str]
"""Variant and outcome."""
_EXACT_BITS = 11
"""Values below 2^11 have a bucket each; above, 2^10 buckets share each power of two."""
_ROUNDING = 1e-9


class Histogram:
    """Counts whole numbers to three significant digits.

    The buckets are those of HdrHistogram with three digits, kept in a dictionary: the library
    takes 17 408 counters for a histogram however few values are in it, 0.2 ms to make one and
    70 ms for a mean, and a live page needs some of them every second in the very process that
    takes the times. The mean is exact.
    """

    __slots__ = ("_counts", "_summary", "count", "total")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._summary: tuple[tuple[float, ...], list[float]] | None = None
        self.count = 0
        self.total = 0

    @property
    def mean(self) -> float:
        """Return the mean, 0 of nothing."""
        return self.total / self.count if self.count else 0.0

    def add(self, value: int) -> None:
        """Count a value that is not negative."""
        shift = max(value.bit_length() - _EXACT_BITS, 0)
        bucket = value >> shift << shift
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self.count += 1
        self.total += value
        self._summary = None

    def merge(self, other: "Histogram") -> None:
        """Count everything that another one counted."""
        for bucket, count in other._counts.items():  # noqa: SLF001 - of the same class
            self._counts[bucket] = self._counts.get(bucket, 0) + count
        self.count += other.count
        self.total += other.total
        self._summary = None

    def percentiles(self, *percents: float) -> list[float]:
        """Return the middle of the bucket that holds each percentile (rising), 0s of nothing."""
        if self._summary is None or self._summary[0] != percents:
            self._summary = percents, self._find(percents)
        return self._summary[1]

    def dump(self) -> list[Any]:
        """Return what ``load`` takes; JSON-able."""
        return [self.total, list(self._counts), list(self._counts.values())]

    @classmethod
    def load(cls, dumped: Sequence[Any]) -> Self:
        """Return the histogram that was dumped."""
        total, buckets, counts = dumped
        histogram = cls()
        histogram._counts = dict(zip(buckets, counts, strict=True))
        histogram.count, histogram.total = sum(counts), total
        return histogram

    def _find(self, percents: Sequence[float]) -> list[float]:
        if not self.count:
            return [0.0] * len(percents)
        found: list[float] = []
        # 99.9 % of 5000 are 4995, whatever rounding makes of it.
        ranks = [max(1, ceil(one * self.count / 100 - _ROUNDING)) for one in percents]
        seen = 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            while len(found) < len(ranks) and seen >= ranks[len(found)]:
                found.append(_middle(bucket))
        return found


def _middle(bucket: int) -> float:
    shift = max(bucket.bit_length() - _EXACT_BITS, 0)
    return bucket + ((1 << shift) - 1) / 2


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
            histogram = Histogram.load(dumped)
            for counts in self._counts(second, (variant, outcome)):
                counts.merge(histogram)

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
                together.merge(histogram)
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
