"""In-memory stores with a sync point at each call: the cache and its server, fence, database."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, NamedTuple, TypeVar

from service.coherence.cache import Acquired, CacheUnavailable, Empty, Granted, Refusal
from service.coherence.fence import Fence
from service.coherence.lease import Timing
from service.domain import CachedValue, Todo, TodoChange, TodoId, TodoPage, UserId
from service.errors import DatabaseUnavailable
from service.ports import CachedValues
from tests.fakes import FakeTodos
from tests.interleaving.scheduler import Part, Scheduler

T = TypeVar("T")
USER = UserId("a" * 24)
TODO = TodoId("b" * 24)
MUTATING = ("lost", "half", "late")
TRACE_S = 300.0


class HeldCall(NamedTuple):
    """What a key of a slot holds: a value, a fill token, or the trace of an invalidation."""

    kind: Literal["V", "L", "X"]
    content: bytes
    ends: float


@dataclass
class StoreCell:
    """The keys of one user in one namespace."""

    slots: dict[CachedValue, HeldCall] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)

    def copied(self) -> "StoreCell":
        """Return a cell of its own with the same content."""
        return StoreCell(dict(self.slots), dict(self.marks))


@dataclass
class StoreServer:
    """The cache server: its memory, its run, and whether it answers."""

    scheduler: Scheduler
    run_id: str = "run-1"
    answers: bool = True
    hangs: bool = False
    cells: dict[tuple[str, int], StoreCell] = field(default_factory=dict)
    dump: dict[tuple[str, int], StoreCell] = field(default_factory=dict)
    held_back: list[tuple[Hashable, Callable[[], object]]] = field(default_factory=list)

    def state(self) -> Hashable:
        """Return what tells this server apart from others."""
        return (
            self.run_id,
            self.answers,
            self.hangs,
            _state(self.cells),
            _state(self.dump),
            tuple(sender for sender, _ in self.held_back),
        )

    def cell(self, fence: Fence) -> StoreCell:
        return self.cells.setdefault((fence.deployment, fence.namespace), StoreCell())

    def held(self, cell: StoreCell, slot: CachedValue) -> HeldCall | None:
        """Return what a key holds now."""
        held = cell.slots.get(slot)
        if held is not None:
            self.scheduler.reads(Part.CLOCK)
            if held.ends <= self.scheduler.clock:
                del cell.slots[slot]
                return None
        return held

    def save(self) -> None:
        self.scheduler.writes(Part.CACHE)
        self.dump = {key: cell.copied() for key, cell in self.cells.items()}

    def restart(self) -> None:
        """Come back as another run, with what was saved."""
        self.scheduler.writes(Part.CACHE)
        self.cells = {key: cell.copied() for key, cell in self.dump.items()}
        self.run_id += "'"
        self.held_back.clear()

    def go(self, *, answers: bool) -> None:
        self.scheduler.writes(Part.CACHE)
        self.answers = answers

    def hang(self) -> None:
        self.scheduler.writes(Part.CACHE)
        self.hangs = True

    def go_on(self) -> None:
        """Execute what piled up, though nobody waits for it any more."""
        self.scheduler.writes(Part.CACHE)
        self.hangs = False
        for _, command in self.held_back:
            command()
        self.held_back.clear()

    def forget(self, *, slots: bool = True, marks: bool = False) -> None:
        """Evict, in every namespace."""
        self.scheduler.writes(Part.CACHE)
        for cell in self.cells.values():
            if slots:
                cell.slots.clear()
            if marks:
                cell.marks.clear()

    def spoil(self) -> None:
        """Put bytes that are no entry where there is a value."""
        self.scheduler.writes(Part.CACHE)
        for cell in self.cells.values():
            for slot in [slot for slot, held in cell.slots.items() if held.kind == "V"]:
                cell.slots[slot] = cell.slots[slot]._replace(content=b"?")


class SteppedCache:
    """A ``LeasedCache`` that does to a ``StoreServer`` what the Lua scripts do to Redis."""

    def __init__(self, server: StoreServer, timing: Timing) -> None:
        self.server = server
        self._scheduler = server.scheduler
        self._timing = timing
        self._names: dict[str, str] = {}

    async def get(
        self, fence: Fence, user_id: UserId, slots: CachedValues
    ) -> Sequence[bytes | None]:
        assert user_id == USER

        def effect() -> Sequence[bytes | None]:
            self._scheduler.reads(Part.CACHE)
            cell = self.cell(fence)
            stored = [self.server.held(cell, slot) for slot in slots]
            return [held.content if held and held.kind == "V" else None for held in stored]

        return await self._call("get", fence, effect, ("lost",))

    async def acquire(
        self, fence: Fence, user_id: UserId, slots: CachedValues, token: str
    ) -> Mapping[CachedValue, Acquired]:
        assert user_id == USER
        name = self._named(token)
        return await self._call(
            "acquire", fence, lambda: {slot: self._grant(fence, slot, name) for slot in slots}
        )

    async def fill(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        values: Mapping[CachedValue, tuple[bytes, float] | None],
    ) -> AbstractSet[CachedValue]:
        assert user_id == USER
        name = self._named(token)
        return await self._call("fill", fence, lambda: self._store(fence, name, values))

    async def mark(self, fence: Fence, user_id: UserId, slots: CachedValues, token: str) -> None:
        assert user_id == USER
        name = self._named(token)

        def effect() -> None:
            self._scheduler.writes(Part.CACHE)
            self._scheduler.reads(Part.CLOCK)
            cell = self.cell(fence)
            for slot in slots:
                cell.slots.pop(slot, None)
            cell.marks[name] = self._scheduler.clock + self._timing.mark_s

        await self._call("mark", fence, effect)

    async def clear(self, fence: Fence, user_id: UserId, slots: CachedValues, token: str) -> None:
        assert user_id == USER
        name = self._named(token)

        def effect() -> None:
            self._scheduler.writes(Part.CACHE)
            cell = self.cell(fence)
            for slot in slots:
                cell.slots[slot] = HeldCall("X", b"", self._scheduler.clock + TRACE_S)
            cell.marks.pop(name, None)

        await self._call("clear", fence, effect)

    def _named(self, token: str) -> str:
        """Return the token under a name that is the same in every run of a search."""
        if token not in self._names:
            self._names[token] = self._scheduler.fresh()
        return self._names[token]

    def cell(self, fence: Fence) -> StoreCell:
        """Return the keys that commands under this fence address."""
        return self.server.cell(fence)

    def token_stands(self, held: HeldCall | None, token: str) -> bool:
        """Tell whether a slot still holds this reader's fill token."""
        return held is not None and (held.kind, held.content) == ("L", token.encode())

    def reaches(self, fence: Fence) -> bool:
        """Tell whether connections for this fence are to the server as it is now."""
        return fence.run_id == self.server.run_id

    def _grant(self, fence: Fence, slot: CachedValue, token: str) -> Acquired:
        self._scheduler.reads(Part.CACHE)
        cell = self.cell(fence)
        held = self.server.held(cell, slot)
        if held is not None and held.kind == "V":
            return held.content
        if held is not None and held.kind == "L":
            return Refusal.FILLING
        if cell.marks:
            self._scheduler.reads(Part.CLOCK)
        if any(ends > self._scheduler.clock for ends in cell.marks.values()):
            return Refusal.WRITING
        self._scheduler.writes(Part.CACHE)
        cell.slots[slot] = HeldCall(
            "L", token.encode(), self._scheduler.clock + self._timing.fill_s
        )
        return Granted(Empty.INVALIDATED if held else Empty.ABSENT)

    def _store(
        self, fence: Fence, token: str, values: Mapping[CachedValue, tuple[bytes, float] | None]
    ) -> AbstractSet[CachedValue]:
        self._scheduler.reads(Part.CACHE)
        cell, stored = self.cell(fence), set()
        for slot, value in values.items():
            if not self.token_stands(self.server.held(cell, slot), token):
                continue
            self._scheduler.writes(Part.CACHE)
            cell.slots.pop(slot, None)
            if value is not None:
                cell.slots[slot] = HeldCall("V", value[0], self._scheduler.clock + value[1])
                stored.add(slot)
        return stored

    async def _call(
        self,
        what: str,
        fence: Fence,
        effect: Callable[[], T],
        faults: tuple[str, ...] = MUTATING,
    ) -> T:
        def on_server() -> T:
            self._scheduler.reads(Part.CACHE)
            if not (self.server.answers and self.reaches(fence)):
                raise CacheUnavailable(what)
            if self.server.hangs:
                self._scheduler.writes(Part.CACHE)
                self.server.held_back.append((self._scheduler.sender, effect))
                raise CacheUnavailable(what)
            return effect()

        return await self._scheduler.point(what, on_server, faults=faults, failure=CacheUnavailable)


@dataclass
class FenceDocument:
    """The fence as the database holds it."""

    fence: Fence | None = None
    replaced_at: dict[int, float] = field(default_factory=dict)


class SteppedFence:
    """A ``FenceStore`` as one process sees it; ``lease`` is the part that its answers change.

    With ``slow`` the answer of a read is a step of its own, any time after its effect.
    """

    def __init__(
        self, scheduler: Scheduler, document: FenceDocument, lease: int, *, slow: bool = False
    ) -> None:
        self._scheduler = scheduler
        self._document = document
        self._lease = lease
        self._slow = slow

    async def origin(self) -> str:
        return ""

    async def read(self) -> Fence | None:
        def effect() -> Fence | None:
            self._scheduler.reads(Part.FENCE)
            self._scheduler.writes(self._lease)
            return self._document.fence

        fence = await self._scheduler.point("reads the fence", effect)
        if self._slow:
            await self._scheduler.point("hears of it", lambda: self._scheduler.writes(self._lease))
        return fence

    async def create(self, fence: Fence) -> Fence:
        def effect() -> Fence:
            self._scheduler.writes(Part.FENCE | self._lease)
            self._document.fence = self._document.fence or fence
            return self._document.fence

        return await self._scheduler.point("makes the fence", effect)

    async def replace(self, old: Fence, new: Fence) -> bool:
        def effect() -> bool:
            self._scheduler.reads(Part.FENCE)
            self._scheduler.writes(self._lease)
            now = self._document.fence
            if now is None or (now.deployment, now.seq) != (old.deployment, old.seq):
                return False
            self._scheduler.writes(Part.FENCE)
            self._document.replaced_at[old.seq] = self._scheduler.clock
            self._document.fence = replace(new, pin=now.pin)
            return True

        return await self._scheduler.point("moves the fence", effect)

    async def pin(self) -> None:
        def effect() -> None:
            self._scheduler.writes(Part.FENCE)
            if self._document.fence is not None:
                now = self._document.fence
                self._document.fence = replace(now, pin=now.pin + 1)

        await self._scheduler.point("pins", effect)


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

        def effect() -> TodoPage:
            self._scheduler.reads(Part.DATABASE)
            return TodoPage((self.todo,), None)

        return await self._scheduler.point("loads", effect)

    async def update(self, user_id: UserId, todo_id: TodoId, change: TodoChange) -> Todo:
        assert (user_id, todo_id, change.if_revs) == (USER, TODO, None)

        def effect() -> Todo:
            self._scheduler.writes(Part.DATABASE)
            self.todo = replace(self.todo, rev=self.todo.rev + 1)
            return self.todo

        return await self._scheduler.point(
            "commits", effect, faults=MUTATING, failure=DatabaseUnavailable
        )


_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def _state(cells: Mapping[tuple[str, int], StoreCell]) -> Hashable:
    return frozenset(
        (key, frozenset(cell.slots.items()), frozenset(cell.marks.items()))
        for key, cell in cells.items()
        if cell.slots or cell.marks
    )
