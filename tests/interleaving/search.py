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
    path: list[list[str]] = []
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
            chosen = tuple(choices[0] for choices in path)
            return SearchResult(schedules, runs, chosen, scheduler.violation)
        while path and not path[-1][1:]:
            path.pop()
        if not path:
            return SearchResult(schedules, runs)
        path[-1] = path[-1][1:]


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
            scheduler.perform(choices[0])
        scheduler.violation = violation
    finally:
        asyncio._set_running_loop(None)


def _run(scheduler: Scheduler, path: list[list[str]], known: set[Hashable] | None) -> bool:
    """Repeat a schedule and go on from there; tell whether it came to its end."""
    for choices in path:
        scheduler.perform(choices[0])
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
        path.append(choices)
        scheduler.perform(choices[0])
