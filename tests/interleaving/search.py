"""Every schedule, by running the play again from the start for each one.

Sleep sets (Godefroid 1996) leave out schedules that only swap neighbouring steps which commute:
after a step was tried, it sleeps in the alternatives to it until a step that it does not commute
with wakes it. What a step touches is recorded as it runs.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.interleaving.stage import Footprint, Stage

_LONG = 10_000
_NONE = Footprint(0, 0)
Play = Callable[[Stage], None]


@dataclass(slots=True)
class _Node:
    choices: list[str]
    asleep: dict[str, Footprint]
    chosen: str
    footprint: Footprint = _NONE

    def next_choice(self) -> bool:
        """Put the step that was tried to sleep and choose another, if there is one."""
        self.asleep[self.chosen] = self.footprint
        awake = [choice for choice in self.choices if choice not in self.asleep]
        self.chosen = awake[0] if awake else ""
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
class Verdict:
    """How many schedules were played, and the one that broke the promise, if any."""

    schedules: int
    schedule: tuple[str, ...] = ()
    violation: str = ""

    def __str__(self) -> str:
        return " > ".join((*self.schedule, self.violation))


def every_schedule(
    play: Play, *, faults: int = 0, reduced: bool = True, at_end: Callable[[], None] | None = None
) -> Verdict:
    """Play every schedule, or stop at the first that returns something stale.

    Without ``reduced`` nothing sleeps. ``at_end`` is called after every complete schedule.
    """
    path: list[_Node] = []
    schedules = 0
    while True:
        stage = Stage(faults=faults)
        with running(stage):
            play(stage)
            complete = _run(stage, path, reduced=reduced)
            schedules += complete
            if complete and at_end:
                at_end()
        if stage.violation:
            return Verdict(schedules, tuple(node.chosen for node in path), stage.violation)
        while path and not path[-1].next_choice():
            path.pop()
        if not path:
            return Verdict(schedules)


@contextmanager
def running(stage: Stage) -> Iterator[None]:
    """Let the code find the stage's loop; in the end let everybody finish."""
    asyncio._set_running_loop(stage.loop)
    try:
        yield
        violation = stage.violation
        for _ in range(_LONG):
            stage.resume()
            choices = stage.choices()
            if not choices:
                break
            stage.perform(choices[0])
        stage.violation = violation
    finally:
        asyncio._set_running_loop(None)


def _run(stage: Stage, path: list[_Node], *, reduced: bool) -> bool:
    """Repeat a schedule and go on from there; tell whether it came to its end."""
    asleep: dict[str, Footprint] = {}
    for node in path:
        node.footprint = stage.perform(node.chosen)
        asleep = node.still_asleep() if reduced else {}
    while choices := stage.choices():
        awake = [choice for choice in choices if choice not in asleep]
        if not awake or stage.violation:
            return False
        node = _Node(choices, asleep, awake[0])
        path.append(node)
        node.footprint = stage.perform(node.chosen)
        asleep = node.still_asleep() if reduced else {}
    return True
