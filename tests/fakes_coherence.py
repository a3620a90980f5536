"""In-memory stand-ins for what the fenced cache stands on: its clock, its fence, its Redis."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TypeVar

from service.adapters.database import DatabaseRepository
from service.coherence.cache import Acquired, CacheUnavailable, Empty, Granted, Refusal
from service.coherence.control import FenceControl
from service.coherence.entries import Entries
from service.coherence.fence import Fence
from service.coherence.lease import Lease, Timing
from service.coherence.recovery import RecoveryMonitor
from service.coherence.repository import FencedRepository
from service.coherence.uncached import NullCache, UncachedRepository
from service.coherence.writes import FencedWrites
from service.domain import CachedValue, UserId
from service.errors import DatabaseUnavailable
from service.ports import CachedValues
from tests.fakes import FakeTodos, FakeUsers, ManualClock

T = TypeVar("T")
RUN = "run-1"
TRACE_S = 300.0
IDLE_TURNS = 12
NO_TIME_S = 1e-9
TTL_S = {CachedValue.USER: 600.0, CachedValue.TODOS: 300.0}


class SleepingClock(ManualClock):
    """A manual clock with a ``sleep`` that moves it once everybody else has had their turn.

    Who sleeps shortest wakes first; ``naps`` keeps what was asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.naps: list[float] = []
        self._due: list[float] = []

    async def sleep(self, seconds: float) -> None:
        if seconds > NO_TIME_S:
            self.naps.append(seconds)
        # A clock that only added would never reach what rounding has left of a rest.
        until = self() + max(seconds, NO_TIME_S)
        self._due.append(until)
        try:
            turns = 0
            while self() < until or not turns:
                await asyncio.sleep(0)
                turns += 1
                if turns >= IDLE_TURNS and until == min(self._due):
                    self._now_s = max(self._now_s, until)
        finally:
            self._due.remove(until)


class FakeFenceStore:
    """``FenceStore`` in a variable; ``calls`` counts by name, ``down`` makes every call fail.

    With a ``clock`` each call takes ``latency_s``. ``rivals`` are put in the fence's place, one
    just before each ``replace``, as faster processes would do. ``at`` is what its origin is.
    """

    def __init__(self, clock: ManualClock | None = None) -> None:
        self.fence: Fence | None = None
        self.calls: Counter[str] = Counter()
        self.down = False
        self.latency_s = 0.0
        self.rivals: list[Fence] = []
        self.at = ""
        self._clock = clock

    async def origin(self) -> str:
        return await self._call("origin", lambda: self.at)

    async def read(self) -> Fence | None:
        return await self._call("read", lambda: self.fence)

    async def create(self, fence: Fence) -> Fence:
        def effect() -> Fence:
            self.fence = self.fence or fence
            return self.fence

        return await self._call("create", effect)

    async def replace(self, old: Fence, new: Fence) -> bool:
        def effect() -> bool:
            if self.rivals:
                self.fence = self.rivals.pop(0)
            now = self.fence
            if now is None or (now.deployment, now.seq) != (old.deployment, old.seq):
                return False
            self.fence = replace(new, pin=now.pin)
            return True

        return await self._call("replace", effect)

    async def pin(self) -> None:
        def effect() -> None:
            if self.fence is not None:
                self.fence = replace(self.fence, pin=self.fence.pin + 1)

        await self._call("pin", effect)

    async def _call(self, name: str, effect: Callable[[], T]) -> T:
        self.calls[name] += 1
        if self.down:
            raise DatabaseUnavailable(name)
        if self._clock is not None:
            self._clock.advance(self.latency_s)
        return effect()


CacheKey = tuple[str, int, UserId]
Held = dict[tuple[CacheKey, CachedValue], tuple[bytes | None, float]]
MarksOfKeys = dict[CacheKey, dict[str, float]]
Values = Mapping[CachedValue, tuple[bytes, float] | None]


class CacheMemory:
    """What a cache server holds, and what the Lua scripts of the service do to it.

    A key holds ``V`` and a value, ``L`` and a fill token, ``X``, or foreign bytes (``None`` is one
    of another type). Each key expires at a time of the ``clock``.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.held: Held = {}
        self.marks: MarksOfKeys = {}
        self._clock = clock

    def values(self, key: CacheKey, kinds: CachedValues) -> list[bytes | None]:
        held = [self._present(key, kind) for kind in kinds]
        return [each[1:] if each is not None and each[:1] == b"V" else None for each in held]

    def acquire(self, key: CacheKey, kind: CachedValue, token: str, fill_s: float) -> Acquired:
        held = self._present(key, kind)
        tag = held[:1] if held else None
        if held is not None and tag == b"V":
            return held[1:]
        if tag == b"L":
            return Refusal.FILLING
        if self.marked(key):
            return Refusal.WRITING
        self.held[key, kind] = b"L" + token.encode(), self._clock() + fill_s
        return Granted(Empty.INVALIDATED if tag == b"X" else Empty.ABSENT)

    def fill(self, key: CacheKey, token: str, values: Values) -> AbstractSet[CachedValue]:
        stored = set()
        for kind, value in values.items():
            if self._present(key, kind) == b"L" + token.encode():
                del self.held[key, kind]
                if value is not None:
                    self.put(key, kind, *value)
                    stored.add(kind)
        return stored

    def put(self, key: CacheKey, kind: CachedValue, value: bytes, ttl_s: float) -> None:
        self.held[key, kind] = b"V" + value, self._clock() + ttl_s

    def mark(self, key: CacheKey, kinds: CachedValues, token: str, mark_s: float) -> None:
        for kind in kinds:
            self.held.pop((key, kind), None)
        self.marks.setdefault(key, {})[token] = self._clock() + mark_s

    def clear(self, key: CacheKey, kinds: CachedValues, token: str) -> None:
        for kind in kinds:
            self.held[key, kind] = b"X", self._clock() + TRACE_S
        self.marks.get(key, {}).pop(token, None)

    def marked(self, key: CacheKey) -> bool:
        """Tell whether a writer's mark stands."""
        return any(ends > self._clock() for ends in self.marks.get(key, {}).values())

    def _present(self, key: CacheKey, kind: CachedValue) -> bytes | None:
        if (key, kind) not in self.held:
            return None
        held, ends = self.held[key, kind]
        if ends > self._clock():
            return held
        del self.held[key, kind]
        return None


class FakeLeasedCache:
    """``LeasedCache`` over a :class:`CacheMemory`, of its own unless it is given one.

    ``run_id`` is the server's. A command named in ``failing`` is not executed, one in ``unheard``
    is, and both raise. ``calls`` counts, ``log`` lists.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        timing: Timing | None = None,
        memory: CacheMemory | None = None,
    ) -> None:
        self.memory = memory or CacheMemory(clock)
        self.run_id = RUN
        self.failing: set[str] = set()
        self.unheard: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.log: list[str] = []
        self._timing = timing or Timing()

    @property
    def down(self) -> bool:
        return len(self.failing) > 1

    @down.setter
    def down(self, down: bool) -> None:
        self.failing = {"get", "acquire", "fill", "mark", "clear"} if down else set()

    async def get(
        self, fence: Fence, user_id: UserId, kinds: CachedValues
    ) -> Sequence[bytes | None]:
        key = self.key(fence, user_id)
        return await self._call("get", fence, lambda: self.memory.values(key, kinds))

    async def acquire(
        self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str
    ) -> Mapping[CachedValue, Acquired]:
        key, fill_s = self.key(fence, user_id), self._timing.fill_s
        return await self._call(
            "acquire",
            fence,
            lambda: {kind: self.memory.acquire(key, kind, token, fill_s) for kind in kinds},
        )

    async def fill(
        self, fence: Fence, user_id: UserId, token: str, values: Values
    ) -> AbstractSet[CachedValue]:
        key = self.key(fence, user_id)
        return await self._call("fill", fence, lambda: self.memory.fill(key, token, values))

    async def mark(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        key, mark_s = self.key(fence, user_id), self._timing.mark_s
        await self._call("mark", fence, lambda: self.memory.mark(key, kinds, token, mark_s))

    async def clear(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        key = self.key(fence, user_id)
        await self._call("clear", fence, lambda: self.memory.clear(key, kinds, token))

    def key(self, fence: Fence, user_id: UserId) -> CacheKey:
        """Return what the keys of a user in the fence's namespace begin with."""
        return fence.deployment, fence.namespace, user_id

    def reaches(self, fence: Fence) -> bool:
        """Tell whether connections for this fence are to the server as it is now."""
        return fence.run_id == self.run_id

    def put(self, fence: Fence, user_id: UserId, kind: CachedValue, held: bytes | None) -> None:
        """Put anything where a value belongs; ``None`` for a key of another type."""
        self.memory.held[self.key(fence, user_id), kind] = held, float("inf")

    def marked(self, fence: Fence, user_id: UserId) -> bool:
        """Tell whether a writer's mark stands."""
        return self.memory.marked(self.key(fence, user_id))

    async def _call(self, name: str, fence: Fence, effect: Callable[[], T]) -> T:
        self.calls[name] += 1
        self.log.append(name)
        if name in self.failing or not self.reaches(fence):
            raise CacheUnavailable
        answer = effect()
        if name in self.unheard:
            raise CacheUnavailable
        return answer


@dataclass
class CoherenceProcess:
    """One service process over the deployment's stores."""

    lease: Lease
    repository: FencedRepository
    uncached: UncachedRepository
    healer: RecoveryMonitor
    control: FenceControl
    deadlines: list[float]


@dataclass
class CoherenceDeployment:
    """What all processes share; ``run_id`` is what Redis answers, ``None`` when it does not."""

    clock: SleepingClock = field(default_factory=SleepingClock)
    timing: Timing = field(default_factory=Timing)
    users: FakeUsers = field(default_factory=FakeUsers)
    todos: FakeTodos = field(default_factory=FakeTodos)
    run_id: str | None = RUN

    def __post_init__(self) -> None:
        self.store = FakeFenceStore(self.clock)
        self.cache = FakeLeasedCache(self.clock, self.timing)
        self.plain = DatabaseRepository(self.users, self.todos)

    @property
    def fence(self) -> Fence:
        """The fence as the database has it."""
        assert self.store.fence is not None
        return self.store.fence

    def lease(self, own: Timing | None = None, store: FakeFenceStore | None = None) -> Lease:
        """Return the lease of one more process, not started."""
        chosen = store or self.store
        return Lease(chosen, own or self.timing, clock=self.clock, sleep=self.clock.sleep)

    async def process(
        self, run_id: str | None = RUN, own: Timing | None = None
    ) -> CoherenceProcess:
        """Start one more process; the first one's ``run_id`` says whether the fence is open."""
        lease = self.lease(own)
        await lease.start(run_id)
        entries = Entries(TTL_S, clock=self.clock, jitter=lambda: 1.0)
        deadlines: list[float] = []

        def deadline(seconds: float) -> nullcontext[None]:
            deadlines.append(seconds)
            return nullcontext()

        writes = FencedWrites(lease, self.cache, deadline=deadline)
        repository = FencedRepository(
            self.plain, lease, self.cache, entries, writes, sleep=self.clock.sleep
        )
        return CoherenceProcess(
            lease,
            repository,
            UncachedRepository(self.plain, FencedWrites(lease, NullCache())),
            RecoveryMonitor(lease, self.probe, clock=self.clock, sleep=self.clock.sleep),
            FenceControl(lease),
            deadlines,
        )

    async def probe(self) -> str:
        """Answer for Redis."""
        if self.run_id is None:
            raise ConnectionError
        return self.run_id

    def database_reads(self) -> int:
        """Return how often the database was asked for something to answer."""
        return self.users.calls["find"] + self.todos.calls["page"]
