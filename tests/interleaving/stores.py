"""In-memory stores with a sync point at each call: the cache and its server, fence, database."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from service.coherence.cache import CacheUnavailable
from service.coherence.fence import Fence
from service.coherence.lease import Timing
from service.domain import Revisions, Todo, TodoChange, TodoId, TodoPage, UserId
from service.errors import DatabaseUnavailable
from tests.fakes import FakeTodos
from tests.fakes_coherence import CacheMemory, FakeFenceStore, FakeLeasedCache, Held, MarksOfKeys
from tests.interleaving.scheduler import Scheduler

T = TypeVar("T")
USER = UserId("a" * 24)
TODO = TodoId("b" * 24)
MUTATING = ("lost", "half", "late")
_STEPS_OF_THE_FENCE = {
    "read": "reads the fence",
    "create": "makes the fence",
    "replace": "moves the fence",
    "pin": "pins",
}


@dataclass
class StoreServer:
    """The cache server: its memory, its run, and whether it answers."""

    scheduler: Scheduler
    run_id: str = "run-1"
    answers: bool = True
    hangs: bool = False
    dump: tuple[Held, MarksOfKeys] | None = None
    held_back: list[tuple[Hashable, Callable[[], object]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memory = CacheMemory(lambda: self.scheduler.clock)

    def state(self) -> Hashable:
        """Return what tells this server apart from others."""
        return (
            self.run_id,
            self.answers,
            self.hangs,
            _content(self.memory.held, self.memory.marks),
            self.dump and _content(*self.dump),
            tuple(sender for sender, _ in self.held_back),
        )

    def save(self) -> None:
        self.dump = _copied(self.memory.held, self.memory.marks)

    def restart(self) -> None:
        """Come back as another run, with what was saved."""
        self.memory.held, self.memory.marks = _copied(*(self.dump or ({}, {})))
        self.run_id += "'"
        self.held_back.clear()

    def go(self, *, answers: bool) -> None:
        self.answers = answers

    def hang(self) -> None:
        self.hangs = True

    def go_on(self) -> None:
        """Execute what piled up, though nobody waits for it any more."""
        self.hangs = False
        for _, command in self.held_back:
            command()
        self.held_back.clear()

    def forget(self, *, slots: bool = True, marks: bool = False) -> None:
        """Evict, in every namespace."""
        if slots:
            self.memory.held.clear()
        if marks:
            self.memory.marks.clear()

    def spoil(self) -> None:
        """Put bytes that are no entry where there is a value."""
        for key, (held, ends) in self.memory.held.items():
            if held is not None and held.startswith(b"V"):
                self.memory.held[key] = b"V?", ends


class SteppedCache(FakeLeasedCache):
    """A ``LeasedCache`` whose commands take effect on a ``StoreServer`` when they are chosen."""

    def __init__(self, server: StoreServer, timing: Timing) -> None:
        super().__init__(lambda: server.scheduler.clock, timing, server.memory)
        self.server = server

    def reaches(self, fence: Fence) -> bool:
        return fence.run_id == self.server.run_id

    async def _call(self, name: str, fence: Fence, effect: Callable[[], T]) -> T:
        def on_server() -> T:
            if not (self.server.answers and self.reaches(fence)):
                raise CacheUnavailable(name)
            if self.server.hangs:
                self.server.held_back.append((self.server.scheduler.sender, effect))
                raise CacheUnavailable(name)
            return effect()

        faults = ("lost",) if name == "get" else MUTATING
        return await self.server.scheduler.point(
            name, on_server, faults=faults, failure=CacheUnavailable
        )


class SteppedFence(FakeFenceStore):
    """The fence of all processes; ``replaced_at`` is when each version was."""

    def __init__(self, scheduler: Scheduler, fence: Fence) -> None:
        super().__init__()
        self.fence = fence
        self.replaced_at: dict[int, float] = {}
        self._scheduler = scheduler

    async def replace(self, old: Fence, new: Fence) -> bool:
        moved = await super().replace(old, new)
        if moved:
            self.replaced_at[old.seq] = self._scheduler.clock
        return moved

    async def _call(self, name: str, effect: Callable[[], T]) -> T:
        if name == "origin":
            return effect()
        return await self._scheduler.point(_STEPS_OF_THE_FENCE[name], effect)


class SlowFence:
    """The same, but that the answer of a read is a step of its own, any time after its effect."""

    def __init__(self, scheduler: Scheduler, store: SteppedFence) -> None:
        self._scheduler = scheduler
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def read(self) -> Fence | None:
        fence = await self._store.read()
        await self._scheduler.point("hears of it", lambda: None)
        return fence


class SteppedTodos(FakeTodos):
    """``Todos`` that hold one todo, whose ``rev`` counts the writes in commit order."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler
        self.todo = Todo(TODO, "h", "t", False, _EPOCH, _EPOCH, None, False, rev=0)

    async def page(
        self,
        user_id: UserId,
        *,
        after: TodoId | None = None,
        limit: int | None = None,
        completed: bool | None = None,
    ) -> TodoPage:
        assert (user_id, after, limit, completed) == (USER, None, None, None)

        return await self._scheduler.point("loads", lambda: TodoPage((self.todo,), None))

    async def update(self, user_id: UserId, todo_id: TodoId, change: TodoChange) -> Todo:
        assert (user_id, todo_id, change.revisions) == (USER, TODO, Revisions())

        def effect() -> Todo:
            self.todo = replace(self.todo, rev=self.todo.rev + 1)
            return self.todo

        return await self._scheduler.point(
            "commits", effect, faults=MUTATING, failure=DatabaseUnavailable
        )


_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def _copied(held: Held, marks: MarksOfKeys) -> tuple[Held, MarksOfKeys]:
    return dict(held), {key: dict(of_key) for key, of_key in marks.items()}


def _content(held: Held, marks: MarksOfKeys) -> Hashable:
    present = ((key, frozenset(of_key.items())) for key, of_key in marks.items() if of_key)
    return frozenset(held.items()), frozenset(present)
