"""The one document that every process holds a lease on: its load, and how a change spreads.

Each process asks for the fence every third of a lease and, by a second clock, looks whether it can
be moved. This plays both on a database that serves first come, first served, with so many
operations at a time, each of which takes so long. Times are seconds.

The steps are those of the service: ``on -> off -> arm -> on``, each a compare-and-set that one
process wins; who loses asks for the fence anew.
"""

import heapq
import itertools
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.model.fence import Database, Intervals

_SETTLES_S = 1.0
_LONGEST_S = 120.0
_WINDOW_S = 0.1
# The versions of the fence in one incident; before it, 0.
_CLOSED, _ARMED, _OPEN_AGAIN = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was seen; ``changes`` are the attempts to move the fence, of which three win.

    ``reads_per_s`` is before the incident. ``heard_s``: after the fence was closed, when the last
    process knew of it. ``opened_s``: when it was open again; ``cached_s``: when the last process
    knew that; infinite if it did not come to that. ``lapsed`` is the share of time in which a
    process had no valid lease, before the incident.
    """

    reads_per_s: float
    changes: int
    lapsed: float
    heard_s: float
    opened_s: float
    cached_s: float


def incident(
    processes: int, intervals: Intervals, database: Database, *, restart: bool, seed: int = 1
) -> Outcome:
    """Play one closing of the fence and its opening.

    One writer that Redis did not answer closes it; with ``restart`` Redis has come back as
    another run, which every process sees by itself.
    """
    return _Play(processes, intervals, database, restart=restart, seed=seed).run()


Step = Callable[["_Process"], None]


@dataclass(slots=True)
class _Process:
    """What one process knows, until when it may use it, and when it looks at Redis."""

    looks_s: float
    known: int = 0
    valid_until_s: float = 0.0


class _Play:
    def __init__(
        self,
        processes: int,
        intervals: Intervals,
        database: Database,
        *,
        restart: bool,
        seed: int,
    ) -> None:
        rng = random.Random(f"leases {seed}")  # noqa: S311 - a simulation, no secret
        self._t = intervals
        self._operation_s = database.operation_s
        self._version = 0
        self._now = 0.0
        self._free = [0.0] * database.at_once
        self._order = itertools.count()
        self._events: list[tuple[float, int, Step, _Process]] = []
        self._served: Counter[int] = Counter()
        self._changes = 0
        self._lapsed_s = 0.0
        self._changed_s: dict[int, float] = {}
        self._heard: Counter[int] = Counter()
        self._heard_by_all_s: dict[int, float] = {}
        # Where the database cannot follow, its queue needs some rounds to reach its length.
        queue_s = processes * database.operation_s / database.at_once
        self._settled_s = _SETTLES_S + 3 * max(intervals.lease_s, queue_s)
        self._broken_s = self._settled_s + 2 * max(intervals.lease_s, queue_s)
        self._all = [_Process(rng.uniform(0, intervals.renew_s)) for _ in range(processes)]
        for process in self._all:
            self._at(rng.uniform(0, intervals.renew_s), self._ask_again, process)
            if restart:
                self._look_from(self._broken_s, process)
        if not restart:
            self._at(self._broken_s, self._change, self._all[0])

    def run(self) -> Outcome:
        while self._now < self._broken_s + _LONGEST_S and _OPEN_AGAIN not in self._heard_by_all_s:
            self._now, _, step, process = heapq.heappop(self._events)
            step(process)
        first, last = int(self._settled_s / _WINDOW_S) + 1, int(self._broken_s / _WINDOW_S)
        before = [self._served[slot] for slot in range(first, last)]
        observed_s = self._broken_s - self._settled_s
        closed_s = self._changed_s[_CLOSED]
        return Outcome(
            reads_per_s=sum(before) / (len(before) * _WINDOW_S),
            changes=self._changes,
            lapsed=self._lapsed_s / (observed_s * len(self._all)),
            heard_s=self._heard_by_all_s.get(_CLOSED, math.inf) - closed_s,
            opened_s=self._changed_s.get(_OPEN_AGAIN, math.inf) - closed_s,
            cached_s=self._heard_by_all_s.get(_OPEN_AGAIN, math.inf) - closed_s,
        )

    def _at(self, at_s: float, step: Step, process: _Process) -> None:
        heapq.heappush(self._events, (at_s, next(self._order), step, process))

    def _serve(self, process: _Process, answered: Step) -> None:
        """Have the database serve one operation; ``answered`` is what then happens."""
        ends_s = max(self._now, self._free[0]) + self._operation_s
        heapq.heapreplace(self._free, ends_s)
        self._served[int(ends_s / _WINDOW_S)] += 1
        self._at(ends_s, answered, process)

    def _ask_again(self, process: _Process) -> None:
        """Renew the lease, and once more a third of a lease after the answer."""
        asked_s = self._now

        def answered(process: _Process) -> None:
            self._adopt(process, asked_s)
            self._at(self._now + self._t.renew_s, self._ask_again, process)

        self._serve(process, answered)

    def _ask_once(self, process: _Process) -> None:
        asked_s = self._now
        self._serve(process, lambda process: self._adopt(process, asked_s))

    def _look_from(self, since_s: float, process: _Process) -> None:
        """Have a process try to move the fence when it first looks after a moment."""
        rounds = math.ceil(max(0.0, since_s - process.looks_s) / self._t.renew_s)
        known, at_s = process.known, process.looks_s + rounds * self._t.renew_s

        def look(process: _Process) -> None:
            if process.known == known:
                self._change(process)

        self._at(at_s, look, process)

    def _change(self, process: _Process) -> None:
        expected, asked_s = process.known, self._now
        self._changes += 1

        def answered(process: _Process) -> None:
            if self._version != expected:
                self._ask_once(process)
                return
            self._version += 1
            self._changed_s[self._version] = self._now
            self._adopt(process, asked_s)

        self._serve(process, answered)

    def _adopt(self, process: _Process, asked_s: float) -> None:
        if self._settled_s <= self._now < self._broken_s:
            since_s = max(process.valid_until_s, self._settled_s)
            self._lapsed_s += max(0.0, self._now - since_s)
        process.valid_until_s = max(process.valid_until_s, asked_s + self._t.lease_s)
        if process.known == self._version:
            return
        for version in range(process.known + 1, self._version + 1):
            self._heard[version] += 1
            if self._heard[version] == len(self._all):
                self._heard_by_all_s[version] = self._now
        process.known = self._version
        waits_s = {
            _CLOSED: max(self._t.heal_s, self._t.grace_s),
            _ARMED: self._t.grace_s + self._t.write_deadline_s,
        }
        if self._version in waits_s:
            self._look_from(self._now + waits_s[self._version], process)
