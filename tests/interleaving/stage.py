"""The stage: who waits at which sync point, what the next step may be, and what a step touched."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar

from tests.interleaving.loop import SteppedLoop

T = TypeVar("T")
ACTOR: ContextVar[str] = ContextVar("actor")
TIME = "time passes"


class Part:
    """What two steps can disagree about; steps that share nothing commute."""

    CACHE: Final = 1
    DATABASE: Final = 2
    FENCE: Final = 4
    HISTORY: Final = 8
    CLOCK: Final = 16
    BUDGET: Final = 32
    WRITER: Final = 64
    LEASE: Final = 128  # and one more bit for each further process


class Footprint(NamedTuple):
    """The parts that a step read and wrote."""

    read: int
    written: int

    def commutes(self, other: "Footprint") -> bool:
        """Tell whether the order of these two steps makes no difference."""
        return not (self.written & (other.read | other.written) or self.read & other.written)


@dataclass(slots=True)
class Waiting:
    """Somebody at a sync point: the effect of going on, and how that can fail instead."""

    effect: Callable[[], object]
    faults: tuple[str, ...] = ()
    failure: Callable[[], Exception] = AssertionError
    future: asyncio.Future[Any] | None = None
    due: float = 0.0


@dataclass
class Stage:
    """Everything is still until ``perform`` takes one of the ``choices``.

    ``faults`` is how many of the failing ``kinds`` may still be chosen: ``lost`` (no effect),
    ``half`` (the effect, but no answer) and ``late`` (no answer, the effect at any later moment).
    """

    faults: int = 0
    kinds: tuple[str, ...] = ("lost", "half", "late")
    clock: float = 1_000.0
    violation: str = ""
    loop: SteppedLoop = field(default_factory=SteppedLoop)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    abandoned: dict[str, Waiting] = field(default_factory=dict)
    _read: int = 0
    _written: int = 0

    def reads(self, part: int) -> None:
        """Note that this step depends on a part."""
        self._read |= part

    def writes(self, part: int) -> None:
        """Note that this step changes a part."""
        self._written |= part

    async def point(
        self,
        what: str,
        effect: Callable[[], T],
        *,
        faults: tuple[str, ...] = (),
        failure: Callable[[], Exception] = AssertionError,
    ) -> T:
        """Wait to be chosen, then have the effect and its result at once.

        An answer that took its time could only be worth less to whoever waits for it: a read
        ends later, an acknowledgement comes later, a lease is younger than it was.
        """
        return await self._wait(what, Waiting(effect, faults, failure))  # type: ignore[no-any-return]

    async def sleep(self, seconds: float) -> None:
        """Wait until the virtual clock has moved on by this much and, as timers do, a bit more."""
        self.writes(Part.CLOCK)
        await self._wait("wakes", Waiting(lambda: None, due=self.clock + seconds + 1e-6))

    async def pause(self, _: float) -> None:
        """Wait for a moment that is too short for the clock, but long enough for anything else."""
        await self._wait("polls", Waiting(lambda: None))

    def add(self, what: str, effect: Callable[[], object]) -> None:
        """Have something happen at any later moment, that nobody waits for."""
        while what in self.waiting:
            what += "'"
        self.waiting[what] = Waiting(effect)

    def enter(self, name: str, work: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        """Start an actor; it stops at its first sync point."""
        context = copy_context()
        context.run(ACTOR.set, name)
        task = self.loop.create_task(work, context=context)
        self.loop.settle()
        return task

    def abandon(self, actor: str) -> None:
        """Let an actor never move again, as if its process had died."""
        for what in [each for each in self.waiting if each.startswith(f"{actor} ")]:
            self.abandoned[what] = self.waiting.pop(what)

    def resume(self) -> None:
        """Bring back who was abandoned, so that it can be ended in order."""
        self.waiting |= self.abandoned
        self.abandoned.clear()

    def choices(self) -> list[str]:
        """Return what may happen next."""
        found = []
        sleeping = False
        for what, waiting in self.waiting.items():
            if waiting.due > self.clock:
                sleeping = True
                continue
            found.append(what)
            if self.faults:
                found += [f"{what}!{kind}" for kind in waiting.faults if kind in self.kinds]
        return [*found, TIME] if sleeping else found

    def perform(self, choice: str) -> Footprint:
        """Let one thing happen, and everything that follows from it by itself."""
        self._read = self._written = 0
        if choice == TIME:
            self.writes(Part.CLOCK)
            self.clock = min(each.due for each in self.waiting.values() if each.due > self.clock)
        else:
            what, _, fault = choice.partition("!")
            self._go_on(what, self.waiting.pop(what), fault)
            self.loop.settle()
        return Footprint(self._read, self._written)

    def _go_on(self, what: str, waiting: Waiting, fault: str) -> None:
        if what.startswith("W"):
            self.writes(Part.WRITER)
        if fault:
            self.writes(Part.BUDGET)
            self.faults -= 1
        if fault == "late":
            self.add(f"late {what}", waiting.effect)
        answer, error = (None, None) if fault in ("lost", "late") else _outcome(waiting.effect)
        error = waiting.failure() if fault else error
        if waiting.future is None:
            return
        if error is None:
            waiting.future.set_result(answer)
        else:
            waiting.future.set_exception(error)

    async def _wait(self, what: str, waiting: Waiting) -> Any:
        key = f"{ACTOR.get()} {what}"
        assert key not in self.waiting, key
        waiting.future = self.loop.create_future()
        self.waiting[key] = waiting
        return await waiting.future


def _outcome(effect: Callable[[], object]) -> tuple[object, Exception | None]:
    try:
        return effect(), None
    except Exception as error:  # noqa: BLE001 - it is for whoever waits to handle
        return None, error
