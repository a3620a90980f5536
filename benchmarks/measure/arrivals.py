"""When the requests of an open loop are to start, and what has become of each so far."""

import random
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.measure.connections import Answers

NS_PER_S = 1_000_000_000
NEVER = -1
"""Stands for the time of what did not happen."""

_SPIN_NS = 400_000
_SPIN_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Rising moments in ns from the start of a step, all of them before its end."""

    seconds: float
    offsets_ns: Sequence[int]


def poisson(rate: float, *, seconds: float, seed: str) -> Schedule:
    """Make the arrivals of many independent users: exponential gaps of 1 / ``rate`` s on average.

    The same seed makes the same schedule.
    """
    rng = random.Random(seed)  # noqa: S311 - arrivals, not secrets
    offsets_ns, now_s = array("q"), rng.expovariate(rate)
    while now_s < seconds:
        offsets_ns.append(int(now_s * NS_PER_S))
        now_s += rng.expovariate(rate)
    return Schedule(seconds=seconds, offsets_ns=offsets_ns)


class Course:
    """How far a schedule has come. Arrivals are known by their place in it.

    All times are ns from its start, which is when this is made. Nothing more is sent once more
    than ``backlog`` arrivals have no answer, and ``drain_s`` later nothing is waited for either;
    nor is it ``drain_s`` after the end of the schedule.
    """

    def __init__(
        self, schedule: Schedule, *, clock_ns: Callable[[], int], backlog: int, drain_s: float
    ) -> None:
        count = len(schedule.offsets_ns)
        self._clock_ns = clock_ns
        self._intended_ns = schedule.offsets_ns
        self._backlog = backlog
        self._drain_ns = int(drain_s * NS_PER_S)
        # Spinning meets the moment, but takes processor time from what is measured.
        mean_gap_ns = schedule.seconds * NS_PER_S / max(count, 1)
        self._spin_ns = int(min(_SPIN_NS, _SPIN_SHARE * mean_gap_ns))
        self._stop = count
        self._due = self._next = self._settled = self._freed_ns = 0
        self.end_ns = int(schedule.seconds * NS_PER_S) + self._drain_ns
        self.sent_ns = array("q", [NEVER]) * count
        self.ended_ns = array("q", [NEVER]) * count
        self.lags_ns = array("q")
        self.answers = Answers()
        self._start_ns = clock_ns()

    @property
    def waiting(self) -> bool:
        """Tell whether something is due and not sent."""
        return self._next < self._due

    @property
    def all_sent(self) -> bool:
        """Tell whether nothing more will be sent."""
        return self._next == self._stop

    @property
    def wake_ns(self) -> int:
        """Return when to stop idling for the next arrival; the rest of the time is for polling."""
        if self._due == self._stop:
            return self.end_ns
        return self._intended_ns[self._due] - self._spin_ns

    def now_ns(self) -> int:
        """Return the time since the start."""
        return self._clock_ns() - self._start_ns

    def advance(self) -> int:
        """Note what has become due and return the time."""
        now_ns = self.now_ns()
        while self._due < self._stop and self._intended_ns[self._due] <= now_ns:
            self._due += 1
        if self._due - self._settled > self._backlog:
            self._stop = self._due = self._next
            self.end_ns = min(self.end_ns, now_ns + self._drain_ns)
        return now_ns

    def send(self) -> int:
        """Note that the next arrival is sent now, and return its place."""
        place, now_ns = self._next, self.now_ns()
        self._next += 1
        self.sent_ns[place] = now_ns
        late_ns = now_ns - self._intended_ns[place]
        # What came while all connections were busy had to wait for one of them.
        if self._intended_ns[place] >= self._freed_ns:
            self.lags_ns.append(late_ns)
        return place

    def answer(self, place: int, head: bytes, *, frees: bool) -> None:
        """Note an answer; ``frees`` tells that no other connection is free."""
        self.ended_ns[place] = self.now_ns()
        self.answers.add(head)
        self._settle(frees=frees)

    def lose(self, *, frees: bool) -> None:
        """Note that an answer will never come."""
        self._settle(frees=frees)

    def _settle(self, *, frees: bool) -> None:
        self._settled += 1
        if frees:
            self._freed_ns = self.now_ns()
