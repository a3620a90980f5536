"""Latencies of a run by time, variant and outcome, merged over processes."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
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
LatencyCounts = Counter[int]
"""The number of requests by their duration in µs, which has three significant digits.

The buckets are those of HdrHistogram, kept in a dictionary: the library takes 17 408 counters for a
histogram however few values are in it, and a live page needs some of them every second in the very
process that takes the times.
"""
_EXACT_BITS = 11
"""Values below 2^11 have a bucket each; above, 2^10 buckets share each power of two."""


@dataclass(frozen=True, slots=True)
class Latencies:
    """The summary of some requests in µs, 0s of none; a percentile is the middle of its bucket."""

    requests: int
    mean_us: float
    p50_us: float
    p95_us: float
    p99_us: float


@dataclass(frozen=True, slots=True)
class Second:
    """The requests of one variant and outcome that ended in a second.

    ``window`` sums up those of the ``WINDOW_S`` seconds that it belongs to.
    """

    second: int
    variant: str
    outcome: str
    own: Latencies
    window: Latencies


class _Window:
    """``WINDOW_S`` seconds from ``start_s`` on, while counts may still come for any of them."""

    def __init__(self, start_s: int) -> None:
        self._seconds = {start_s + place: _by_key() for place in range(WINDOW_S)}

    def add(self, second: int, key: Key, counts: LatencyCounts) -> None:
        self._seconds[second][key].update(counts)

    def summaries(self) -> list[Second]:
        whole = _by_key()
        for seconds in self._seconds.values():
            for key, counts in seconds.items():
                whole[key].update(counts)
        windows = {key: latencies(counts) for key, counts in whole.items()}
        return [
            Second(second, *key, latencies(counts), windows[key])
            for second, every in self._seconds.items()
            for key, counts in sorted(every.items())
        ]


class MetricsStore:
    """Records requests; the memory does not grow with the run.

    Of the last ``MOST_SECONDS`` seconds summaries are kept. What comes more than ``OPEN_SECONDS``
    after the end of its window counts in the totals only.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything, also what was not drained yet."""
        self._latest = 0
        self._open: dict[int, _Window] = {}
        self._closed: dict[int, list[Second]] = {}
        self._totals = _by_key()
        self._undrained: dict[int, dict[Key, LatencyCounts]] = defaultdict(_by_key)

    def record(self, second: int, variant: str, outcome: str, latency_us: int) -> None:
        """Note a request that was over in that second since the run began."""
        key, counts = (variant, outcome), Counter({_middle(latency_us): 1})
        self._undrained[second][key].update(counts)
        self._add(second, key, counts)

    def drain(self) -> Sequence[Any]:
        """Return what was recorded since the last time, for another store to merge, as plain data.

        Its dictionaries have numbers as keys, which Locust's messages may have.
        """
        drained, self._undrained = self._undrained, defaultdict(_by_key)
        return [
            [second, *key, dict(counts)]
            for second, every in drained.items()
            for key, counts in every.items()
        ]

    def merge(self, drained: Sequence[Any]) -> None:
        """Add what another store drained."""
        for second, variant, outcome, counts in drained:
            self._add(second, (variant, outcome), counts)

    def seconds(self) -> Sequence[Second]:
        """Return the summaries by second, the oldest first; the last ones may still change."""
        still = {start_s: window.summaries() for start_s, window in self._open.items()}
        return [each for _, every in sorted((self._closed | still).items()) for each in every]

    def totals(self) -> Mapping[Key, Latencies]:
        """Return the summaries of everything by variant and outcome."""
        return {key: latencies(counts) for key, counts in self._totals.items()}

    def total_of(self, variant: str, *, without: Collection[str] = ()) -> Latencies:
        """Return the summary of all requests of a variant, but of those with some outcomes."""
        together: LatencyCounts = Counter()
        for (name, outcome), counts in self._totals.items():
            if name == variant and outcome not in without:
                together.update(counts)
        return latencies(together)

    def _add(self, second: int, key: Key, counts: LatencyCounts) -> None:
        self._totals[key].update(counts)
        if second > self._latest:
            self._latest = second
            self._close()
        start_s = second - second % WINDOW_S
        if self._is_open(start_s):
            self._open.setdefault(start_s, _Window(start_s)).add(second, key, counts)

    def _is_open(self, start_s: int) -> bool:
        return start_s + WINDOW_S > self._latest - OPEN_SECONDS + 1

    def _close(self) -> None:
        for start_s in [one for one in self._open if not self._is_open(one)]:
            self._closed[start_s] = self._open.pop(start_s).summaries()
        for start_s in [one for one in self._closed if one <= self._latest - MOST_SECONDS]:
            del self._closed[start_s]


def latencies(counts: Mapping[int, int]) -> Latencies:
    """Sum up what was counted."""
    if not counts:
        return Latencies(0, 0.0, 0.0, 0.0, 0.0)
    values = sorted(counts)
    reached = list(accumulate(counts[value] for value in values))
    requests = reached[-1]
    ranks = [max(1, ceil(percent * requests / 100)) for percent in (50, 95, 99)]
    mean_us = sum(value * count for value, count in counts.items()) / requests
    return Latencies(
        requests, mean_us, *(float(values[bisect_left(reached, rank)]) for rank in ranks)
    )


def _by_key() -> dict[Key, LatencyCounts]:
    return defaultdict(Counter)


def _middle(value: int) -> int:
    """Return the middle of the bucket of a value that is not negative."""
    shift = max(value.bit_length() - _EXACT_BITS, 0)
    return (value >> shift << shift) + (1 << shift) // 2
