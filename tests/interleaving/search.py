"""Every schedule, by running the scenario again from the start for each one.

A moment from which everything was tried is not gone on from again, in whatever order the steps were
taken that led to it.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.interleaving.scheduler import Scheduler

_LONG = 10_000
Scenario = Callable[[Scheduler], None]


@dataclass(slots=True)
class _Node:
    choices: list[str]
    seen: dict[str, int] | None = None
    """What actors have seen after the chosen step, where it was taken before."""

    def perform(self, scheduler: Scheduler) -> None:
        """Take the chosen step."""
        scheduler.perform(self.chosen, self.seen)
        self.seen = scheduler.seen

    @property
    def chosen(self) -> str:
        """The first of the choices that are left."""
        return self.choices[0]

    def next_choice(self) -> bool:
        """Leave the step that was tried, and choose another if there is one."""
        self.choices, self.seen = self.choices[1:], None
        return bool(self.choices)


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
    known: set[Hashable] = set()
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


def _run(scheduler: Scheduler, path: list[_Node], known: set[Hashable] | None) -> bool:
    """Repeat a schedule and go on from there; tell whether it came to its end."""
    for node in path:
        node.perform(scheduler)
    while True:
        if known is not None:
            moment = scheduler.moment()
            if moment in known:
                return False
            known.add(moment)
        choices = scheduler.choices()
        if not choices:
            return True
        if scheduler.violation:
            return False
        path.append(_Node(choices))
        path[-1].perform(scheduler)
