"""Time and order as a matter of choice: what the next step may be."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Hashable, Mapping
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

from service.coherence.fence import Fence

T = TypeVar("T")
ACTOR: ContextVar[str] = ContextVar("actor")
TIME = "time passes"


@dataclass(slots=True)
class Waiting:
    """Somebody at a sync point: the effect of going on, and how that can fail instead."""

    effect: Callable[[], object]
    faults: tuple[str, ...] = ()
    failure: Callable[[], Exception] = AssertionError
    future: asyncio.Future[Any] | None = None
    due: float = 0.0
    sender: Hashable = None
    """Whose command comes late, and what they had seen when they sent it."""


class SteppedLoop(asyncio.AbstractEventLoop):
    """Run callbacks in ``settle`` only, in the order in which they became ready.

    It knows neither sockets nor timers: whoever waits, waits for a future of the scheduler.
    """

    def __init__(self) -> None:
        self._ready: deque[asyncio.Handle] = deque()

    def settle(self) -> None:
        """Run until nobody can go on without an answer from outside."""
        while self._ready:
            self._ready.popleft()._run()

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Remember a callback for the next ``settle``."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T],  # type: ignore[override]
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def get_debug(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Raise what nobody retrieved, so that no failure stays unseen."""
        raise AssertionError(context)


@dataclass
class Scheduler:
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
    shared: list[Callable[[], Hashable]] = field(default_factory=list)
    """What everybody shares, to be told apart from other moments by."""
    leases: list[Callable[[], Hashable]] = field(default_factory=list)
    """What the actors of each process share."""
    ids: dict[Hashable, int] = field(default_factory=dict)
    """Short names of what actors have seen, the same in every run of a search."""
    seen: dict[str, int] = field(default_factory=dict)
    """What each actor has seen so far, if it is to go on."""
    sender: Hashable = None
    _made: Counter[str] = field(default_factory=Counter)

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

    def draw(self) -> str:
        """Return a token for an actor, the same in every run of a search."""
        actor = ACTOR.get()
        self._made[actor] += 1
        return f"{actor}:{self._made[actor]}"

    async def sleep(self, seconds: float) -> None:
        """Wait until the virtual clock has moved on by this much and, as timers do, a bit more."""
        await self._wait("wakes", Waiting(lambda: None, due=self.clock + seconds + 1e-6))

    async def pause(self, _: float) -> None:
        """Wait for a moment that is too short for the clock, but long enough for anything else."""
        await self._wait("polls", Waiting(lambda: None))

    def add(self, what: str, effect: Callable[[], object]) -> None:
        """Have something happen at any later moment, that nobody waits for."""
        while what in self.waiting:
            what += "'"
        self.waiting[what] = Waiting(effect, sender=self.sender)

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
        self.seen = {each: seen for each, seen in self.seen.items() if each != actor}

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

    def perform(self, choice: str) -> None:
        """Let one thing happen, and everything that follows from it by itself."""
        if choice == TIME:
            self.clock = min(each.due for each in self.waiting.values() if each.due > self.clock)
            return
        what, _, fault = choice.partition("!")
        actor = what.partition(" ")[0]
        self.sender = what, self.seen.get(actor, 0)
        before = self._leases()
        answer = self._go_on(self.waiting.pop(what), what, fault)
        self.loop.settle()
        self.seen = self._seen_by(actor, (choice, frozen(answer), before, self._leases()))

    def moment(self) -> Hashable:
        """Return all that what may happen from now on depends on.

        An actor is a coroutine: what it does next follows from what it has been told, by its steps
        and by the clock and the lease that it looked at.
        """
        waiting = ((what, each.due, each.sender) for what, each in self.waiting.items())
        seen = frozenset(self.seen.items())
        own = self.clock, self.faults, frozenset(waiting), seen
        return own, *self._leases(), *(state() for state in self.shared)

    def _leases(self) -> tuple[Hashable, ...]:
        return tuple(state() for state in self.leases)

    def _seen_by(self, actor: str, step: Hashable) -> dict[str, int]:
        others = {each: seen for each, seen in self.seen.items() if each != actor}
        if not any(each.startswith(f"{actor} ") for each in self.waiting):
            return others
        seen = self.seen.get(actor, 0), step, self.clock
        return others | {actor: self.ids.setdefault(seen, len(self.ids) + 1)}

    def _go_on(self, waiting: Waiting, what: str, fault: str) -> object:
        self.faults -= bool(fault)
        if fault == "late":
            self.add(f"late {what}", waiting.effect)
        answer, error = (None, None) if fault in ("lost", "late") else _outcome(waiting.effect)
        error = waiting.failure() if fault else error
        if waiting.future is None:
            return None
        if error is None:
            waiting.future.set_result(answer)
            return answer
        waiting.future.set_exception(error)
        return type(error)

    async def _wait(self, what: str, waiting: Waiting) -> Any:
        key = f"{ACTOR.get()} {what}"
        assert key not in self.waiting, key
        waiting.future = self.loop.create_future()
        self.waiting[key] = waiting
        return await waiting.future


def frozen(value: object) -> Hashable:
    """Return what tells a value apart from others."""
    if isinstance(value, Fence):
        # Why the fence was closed is counted and makes no difference.
        return (
            value.deployment,
            value.seq,
            value.state,
            value.namespace,
            value.run_id,
            value.enabled,
            value.pin,
        )
    if isinstance(value, Mapping):
        return tuple((key, frozen(each)) for key, each in value.items())
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, set):
        return frozenset(value)
    return value


def _outcome(effect: Callable[[], object]) -> tuple[object, Exception | None]:
    try:
        return effect(), None
    except Exception as error:  # noqa: BLE001 - it is for whoever waits to handle
        return None, error
