"""In-memory stores with a sync point at each call: the cache and its server, fence, database."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from service.coherence.cache import Acquired, CacheUnavailable
from service.coherence.fence import Fence
from service.coherence.lease import Timing
from service.domain import CachedValue, Todo, TodoChange, TodoId, TodoPage, UserId
from service.errors import DatabaseUnavailable
from service.ports import CachedValues
from tests.fakes import FakeTodos
from tests.fakes_coherence import CacheKey, CacheMemory, Values, cache_key
from tests.interleaving.scheduler import Scheduler

T = TypeVar("T")
USER = UserId("a" * 24)
TODO = TodoId("b" * 24)
MUTATING = ("lost", "half", "late")


@dataclass
class StoreServer:
    """The cache server: its memory, its run, and whether it answers."""

    scheduler: Scheduler
    run_id: str = "run-1"
    answers: bool = True
    hangs: bool = False
    dump: CacheMemory | None = None
    held_back: list[tuple[Hashable, Callable[[], object]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memory = CacheMemory(self._clock)

    def state(self) -> Hashable:
        """Return what tells this server apart from others."""
        return (
            self.run_id,
            self.answers,
            self.hangs,
            _content(self.memory),
            _content(self.dump),
            tuple(sender for sender, _ in self.held_back),
        )

    def save(self) -> None:
        self.dump = self._copied(self.memory)

    def restart(self) -> None:
        """Come back as another run, with what was saved."""
        self.memory = self._copied(self.dump or CacheMemory(self._clock))
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

    def _clock(self) -> float:
        return self.scheduler.clock

    def _copied(self, memory: CacheMemory) -> CacheMemory:
        copy = CacheMemory(self._clock)
        copy.held = dict(memory.held)
        copy.marks = {key: dict(marks) for key, marks in memory.marks.items()}
        return copy


class SteppedCache:
    """A ``LeasedCache`` whose commands take effect on a ``StoreServer`` when they are chosen."""

    def __init__(self, server: StoreServer, timing: Timing) -> None:
        self.server = server
        self._scheduler = server.scheduler
        self._timing = timing
        self._names: dict[str, str] = {}

    async def get(
        self, fence: Fence, user_id: UserId, slots: CachedValues
    ) -> Sequence[bytes | None]:
        key = self.key(fence, user_id)
        return await self._call("get", fence, lambda: self._memory.values(key, slots), ("lost",))

    async def acquire(
        self, fence: Fence, user_id: UserId, slots: CachedValues, token: str
    ) -> Mapping[CachedValue, Acquired]:
        key, name, fill_s = self.key(fence, user_id), self._named(token), self._timing.fill_s
        return await self._call(
            "acquire",
            fence,
            lambda: {slot: self._memory.acquire(key, slot, name, fill_s) for slot in slots},
        )

    async def fill(
        self, fence: Fence, user_id: UserId, token: str, values: Values
    ) -> AbstractSet[CachedValue]:
        key, name = self.key(fence, user_id), self._named(token)
        return await self._call("fill", fence, lambda: self.filled(key, name, values))

    async def mark(self, fence: Fence, user_id: UserId, slots: CachedValues, token: str) -> None:
        key, name, mark_s = self.key(fence, user_id), self._named(token), self._timing.mark_s
        await self._call("mark", fence, lambda: self._memory.mark(key, slots, name, mark_s))

    async def clear(self, fence: Fence, user_id: UserId, slots: CachedValues, token: str) -> None:
        key, name = self.key(fence, user_id), self._named(token)
        await self._call("clear", fence, lambda: self._memory.clear(key, slots, name))

    def key(self, fence: Fence, user_id: UserId) -> CacheKey:
        """Return the keys that commands under this fence address."""
        return cache_key(fence, user_id)

    def filled(self, key: CacheKey, token: str, values: Values) -> AbstractSet[CachedValue]:
        """Store values where this reader's fill token stands; return which were."""
        return self._memory.fill(key, token, values)

    def reaches(self, fence: Fence) -> bool:
        """Tell whether connections for this fence are to the server as it is now."""
        return fence.run_id == self.server.run_id

    @property
    def _memory(self) -> CacheMemory:
        return self.server.memory

    def _named(self, token: str) -> str:
        """Return the token under a name that is the same in every run of a search."""
        if token not in self._names:
            self._names[token] = self._scheduler.fresh()
        return self._names[token]

    async def _call(
        self,
        what: str,
        fence: Fence,
        effect: Callable[[], T],
        faults: tuple[str, ...] = MUTATING,
    ) -> T:
        def on_server() -> T:
            if not (self.server.answers and self.reaches(fence)):
                raise CacheUnavailable(what)
            if self.server.hangs:
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
    """A ``FenceStore`` as one process sees it.

    With ``slow`` the answer of a read is a step of its own, any time after its effect.
    """

    def __init__(
        self, scheduler: Scheduler, document: FenceDocument, *, slow: bool = False
    ) -> None:
        self._scheduler = scheduler
        self._document = document
        self._slow = slow

    async def origin(self) -> str:
        return ""

    async def read(self) -> Fence | None:
        fence = await self._scheduler.point("reads the fence", lambda: self._document.fence)
        if self._slow:
            await self._scheduler.point("hears of it", lambda: None)
        return fence

    async def create(self, fence: Fence) -> Fence:
        def effect() -> Fence:
            self._document.fence = self._document.fence or fence
            return self._document.fence

        return await self._scheduler.point("makes the fence", effect)

    async def replace(self, old: Fence, new: Fence) -> bool:
        def effect() -> bool:
            now = self._document.fence
            if now is None or (now.deployment, now.seq) != (old.deployment, old.seq):
                return False
            self._document.replaced_at[old.seq] = self._scheduler.clock
            self._document.fence = replace(new, pin=now.pin)
            return True

        return await self._scheduler.point("moves the fence", effect)

    async def pin(self) -> None:
        def effect() -> None:
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

        return await self._scheduler.point("loads", lambda: TodoPage((self.todo,), None))

    async def update(self, user_id: UserId, todo_id: TodoId, change: TodoChange) -> Todo:
        assert (user_id, todo_id, change.if_revs) == (USER, TODO, None)

        def effect() -> Todo:
            self.todo = replace(self.todo, rev=self.todo.rev + 1)
            return self.todo

        return await self._scheduler.point(
            "commits", effect, faults=MUTATING, failure=DatabaseUnavailable
        )


_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def _content(memory: CacheMemory | None) -> Hashable:
    if memory is None:
        return None
    marks = ((key, frozenset(of_key.items())) for key, of_key in memory.marks.items() if of_key)
    return frozenset(memory.held.items()), frozenset(marks)
