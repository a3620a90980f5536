"""Every schedule, by running the scenario again from the start for each one.

Sleep sets (Godefroid 1996) leave out schedules that only swap neighbouring steps which commute:
after a step was tried, it sleeps in the alternatives to it until a step that it does not commute
with wakes it. What a step touches is recorded as it runs. And a moment from which everything was
tried, with no more asleep than now, is not gone on from again.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.interleaving.scheduler import Footprint, Scheduler

_LONG = 10_000
_NONE = Footprint(0, 0)
Scenario = Callable[[Scheduler], None]


@dataclass(slots=True)
class _Node:
    choices: list[str]
    asleep: dict[str, Footprint]
    chosen: str
    footprint: Footprint = _NONE
    seen: dict[str, int] | None = None
    """What actors have seen after the chosen step, where it was taken before."""

    def perform(self, scheduler: Scheduler, *, reduced: bool) -> dict[str, Footprint]:
        """Take the chosen step; return who goes on sleeping after it."""
        self.footprint = scheduler.perform(self.chosen, self.seen)
        self.seen = scheduler.seen
        return self.still_asleep() if reduced else {}

    def next_choice(self) -> bool:
        """Put the step that was tried to sleep and choose another, if there is one."""
        self.asleep[self.chosen] = self.footprint
        awake = [choice for choice in self.choices if choice not in self.asleep]
        self.chosen, self.seen = awake[0] if awake else "", None
        return bool(awake)

    def still_asleep(self) -> dict[str, Footprint]:
        """Return who goes on sleeping after the chosen step."""
        mover = self.chosen.partition("!")[0]
        return {
            choice: footprint
            for choice, footprint in self.asleep.items()
            if choice.partition("!")[0] != mover and footprint.commutes(self.footprint)
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """How many schedules were played to their end, in how many runs, and the one that broke it."""

    schedules: int
    runs: int
    schedule: tuple[str, ...] = ()
    violation: str = ""

    def __str__(self) -> str:
        return " > ".join((*self.schedule, self.violation))


def every_schedule(
    scenario: Scenario,
    *,
    faults: int = 0,
    reduced: bool = True,
    at_end: Callable[[], None] | None = None,
) -> SearchResult:
    """Play every schedule, or stop at the first that returns something stale.

    Without ``reduced`` nothing is left out. ``at_end`` is called after every complete schedule.
    """
    path: list[_Node] = []
    ids: dict[Hashable, int] = {}
    known: dict[Hashable, list[frozenset[str]]] = {}
    schedules = runs = 0
    while True:
        scheduler = Scheduler(faults=faults, ids=ids)
        with running(scheduler):
            scenario(scheduler)
            complete = _run(scheduler, path, known if reduced else None)
            schedules, runs = schedules + complete, runs + 1
            if complete and at_end:
                at_end()
        if scheduler.violation:
            return SearchResult(
                schedules, runs, tuple(node.chosen for node in path), scheduler.violation
            )
        while path and not path[-1].next_choice():
            path.pop()
        if not path:
            return SearchResult(schedules, runs)


@contextmanager
def running(scheduler: Scheduler) -> Iterator[None]:
    """Let the code find the scheduler's loop; in the end let everybody finish."""
    asyncio._set_running_loop(scheduler.loop)
    try:
        yield
        violation = scheduler.violation
        for _ in range(_LONG):
            scheduler.resume()
            choices = scheduler.choices()
            if not choices:
                break
            scheduler.perform(choices[0], {})
        scheduler.violation = violation
    finally:
        asyncio._set_running_loop(None)


def _run(
    scheduler: Scheduler, path: list[_Node], known: dict[Hashable, list[frozenset[str]]] | None
) -> bool:
    """Repeat a schedule and go on from there; tell whether it came to its end."""
    asleep: dict[str, Footprint] = {}
    for node in path:
        asleep = node.perform(scheduler, reduced=known is not None)
    while True:
        if known is not None:
            before, sleeping = known.setdefault(scheduler.moment(), []), frozenset(asleep)
            if any(each <= sleeping for each in before):
                return False
            before.append(sleeping)
        choices = scheduler.choices()
        if not choices:
            return True
        awake = [choice for choice in choices if choice not in asleep]
        if not awake or scheduler.violation:
            return False
        node = _Node(choices, asleep, awake[0])
        path.append(node)
        asleep = node.perform(scheduler, reduced=known is not None)
