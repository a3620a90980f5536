"""In-memory stores with a sync point at each call: the cache, the fence, and the database."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from service.coherence.cache import Acquired, CacheUnavailable, Empty, Granted, Refusal
from service.coherence.fence import Fence
from service.coherence.timing import Timing
from service.domain import CachedValue, Todo, TodoChange, TodoId, TodoPage, UserId
from service.errors import DatabaseUnavailable
from service.ports import Slots
from tests.fakes import FakeTodos
from tests.interleaving.server import Cell, Held, Server
from tests.interleaving.stage import Part, Stage

T = TypeVar("T")
USER = UserId("a" * 24)
TODO = TodoId("b" * 24)
MUTATING = ("lost", "half", "late")
TRACE_S = 300.0


class SteppedCache:
    """A ``LeasedCache`` that does to a ``Server`` what the Lua scripts do to Redis."""

    def __init__(self, server: Server, timing: Timing) -> None:
        self.server = server
        self._stage = server.stage
        self._timing = timing

    async def get(self, fence: Fence, user_id: UserId, slots: Slots) -> Sequence[bytes | None]:
        assert user_id == USER

        def effect() -> Sequence[bytes | None]:
            self._stage.reads(Part.CACHE)
            cell = self.cell(fence)
            stored = [self.server.held(cell, slot) for slot in slots]
            return [held.content if held and held.kind == "V" else None for held in stored]

        return await self._call("get", fence, effect, ("lost",))

    async def acquire(
        self, fence: Fence, user_id: UserId, slots: Slots, token: str
    ) -> Mapping[CachedValue, Acquired]:
        assert user_id == USER
        return await self._call(
            "acquire", fence, lambda: {slot: self._grant(fence, slot, token) for slot in slots}
        )

    async def fill(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        values: Mapping[CachedValue, tuple[bytes, float] | None],
    ) -> AbstractSet[CachedValue]:
        assert user_id == USER
        return await self._call("fill", fence, lambda: self._store(fence, token, values))

    async def mark(self, fence: Fence, user_id: UserId, slots: Slots, token: str) -> None:
        assert user_id == USER

        def effect() -> None:
            self._stage.writes(Part.CACHE)
            self._stage.reads(Part.CLOCK)
            cell = self.cell(fence)
            for slot in slots:
                cell.slots.pop(slot, None)
            cell.marks[token] = self._stage.clock + self._timing.mark_s

        await self._call("mark", fence, effect)

    async def clear(self, fence: Fence, user_id: UserId, slots: Slots, token: str) -> None:
        assert user_id == USER

        def effect() -> None:
            self._stage.writes(Part.CACHE)
            cell = self.cell(fence)
            for slot in slots:
                cell.slots[slot] = Held("X", b"", self._stage.clock + TRACE_S)
            cell.marks.pop(token, None)

        await self._call("clear", fence, effect)

    def cell(self, fence: Fence) -> Cell:
        """Return the keys that commands under this fence address."""
        return self.server.cell(fence)

    def token_stands(self, held: Held | None, token: str) -> bool:
        """Tell whether a slot still holds this reader's fill token."""
        return held is not None and (held.kind, held.content) == ("L", token.encode())

    def reaches(self, fence: Fence) -> bool:
        """Tell whether connections for this fence are to the server as it is now."""
        return fence.run_id == self.server.run_id

    def _grant(self, fence: Fence, slot: CachedValue, token: str) -> Acquired:
        self._stage.reads(Part.CACHE)
        cell = self.cell(fence)
        held = self.server.held(cell, slot)
        if held is not None and held.kind == "V":
            return held.content
        if held is not None and held.kind == "L":
            return Refusal.FILLING
        if cell.marks:
            self._stage.reads(Part.CLOCK)
        if any(ends > self._stage.clock for ends in cell.marks.values()):
            return Refusal.WRITING
        self._stage.writes(Part.CACHE)
        cell.slots[slot] = Held("L", token.encode(), self._stage.clock + self._timing.fill_s)
        return Granted(Empty.INVALIDATED if held else Empty.ABSENT)

    def _store(
        self, fence: Fence, token: str, values: Mapping[CachedValue, tuple[bytes, float] | None]
    ) -> AbstractSet[CachedValue]:
        self._stage.reads(Part.CACHE)
        cell, stored = self.cell(fence), set()
        for slot, value in values.items():
            if not self.token_stands(self.server.held(cell, slot), token):
                continue
            self._stage.writes(Part.CACHE)
            cell.slots.pop(slot, None)
            if value is not None:
                cell.slots[slot] = Held("V", value[0], self._stage.clock + value[1])
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
            self._stage.reads(Part.CACHE)
            if not (self.server.answers and self.reaches(fence)):
                raise CacheUnavailable(what)
            if self.server.hangs:
                self._stage.writes(Part.CACHE)
                self.server.held_back.append(effect)
                raise CacheUnavailable(what)
            return effect()

        return await self._stage.point(what, on_server, faults=faults, failure=CacheUnavailable)


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
        self, stage: Stage, document: FenceDocument, lease: int, *, slow: bool = False
    ) -> None:
        self._stage = stage
        self._document = document
        self._lease = lease
        self._slow = slow

    async def read(self) -> Fence | None:
        def effect() -> Fence | None:
            self._stage.reads(Part.FENCE)
            self._stage.writes(self._lease)
            return self._document.fence

        fence = await self._stage.point("reads the fence", effect)
        if self._slow:
            await self._stage.point("hears of it", lambda: self._stage.writes(self._lease))
        return fence

    async def create(self, fence: Fence) -> Fence:
        def effect() -> Fence:
            self._stage.writes(Part.FENCE | self._lease)
            self._document.fence = self._document.fence or fence
            return self._document.fence

        return await self._stage.point("makes the fence", effect)

    async def replace(self, old: Fence, new: Fence) -> bool:
        def effect() -> bool:
            self._stage.reads(Part.FENCE)
            self._stage.writes(self._lease)
            now = self._document.fence
            if now is None or (now.deployment, now.seq) != (old.deployment, old.seq):
                return False
            self._stage.writes(Part.FENCE)
            self._document.replaced_at[old.seq] = self._stage.clock
            self._document.fence = replace(new, pin=now.pin)
            return True

        return await self._stage.point("moves the fence", effect)

    async def pin(self) -> None:
        def effect() -> None:
            self._stage.writes(Part.FENCE)
            if self._document.fence is not None:
                now = self._document.fence
                self._document.fence = replace(now, pin=now.pin + 1)

        await self._stage.point("pins", effect)


class SteppedTodos(FakeTodos):
    """``Todos`` that hold one todo, whose ``rev`` counts the writes in commit order."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self.todo = Todo(TODO, "h", "t", False, _EPOCH, _EPOCH, None, False, rev=0)

    async def page(self, user_id: UserId, *, after: TodoId | None = None) -> TodoPage:
        assert (user_id, after) == (USER, None)

        def effect() -> TodoPage:
            self._stage.reads(Part.DATABASE)
            return TodoPage((self.todo,), None)

        return await self._stage.point("loads", effect)

    async def update(self, user_id: UserId, todo_id: TodoId, change: TodoChange) -> Todo:
        assert (user_id, todo_id, change.if_rev) == (USER, TODO, None)

        def effect() -> Todo:
            self._stage.writes(Part.DATABASE)
            self.todo = replace(self.todo, rev=self.todo.rev + 1)
            return self.todo

        return await self._stage.point(
            "commits", effect, faults=MUTATING, failure=DatabaseUnavailable
        )


_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
