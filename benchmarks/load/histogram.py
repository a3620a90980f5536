"""A histogram with HdrHistogram's buckets that costs next to nothing where it is empty."""

from collections.abc import Sequence
from math import ceil
from typing import Any, Self

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

    def percentiles(self, *wanted: float) -> list[float]:
        """Return the middle of the bucket that holds each percentile (rising), 0s of nothing."""
        if self._summary is None or self._summary[0] != wanted:
            self._summary = wanted, self._find(wanted)
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

    def _find(self, wanted: Sequence[float]) -> list[float]:
        if not self.count:
            return [0.0] * len(wanted)
        found: list[float] = []
        # 99.9 % of 5000 are 4995, whatever rounding makes of it.
        ranks = [max(1, ceil(one * self.count / 100 - _ROUNDING)) for one in wanted]
        seen = 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            while len(found) < len(ranks) and seen >= ranks[len(found)]:
                found.append(_middle(bucket))
        return found


def _middle(bucket: int) -> float:
    shift = max(bucket.bit_length() - _EXACT_BITS, 0)
    return bucket + ((1 << shift) - 1) / 2
