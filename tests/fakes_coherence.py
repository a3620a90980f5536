"""In-memory stand-ins for what the fenced cache stands on: its clock, its fence, its Redis."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from service.coherence.cache import Acquired, CacheUnavailable, Empty, Granted, Refusal
from service.coherence.entries import Entries
from service.coherence.fence import Fence, FenceStore
from service.coherence.lease import Lease, Timing
from service.coherence.repository import FencedReads, FencedRepository
from service.coherence.uncached import NullCache, UncachedRepository
from service.coherence.writes import FencedWrites
from service.domain import CachedValue, UserId
from service.errors import DatabaseUnavailable
from service.ports import CachedValues, Repository
from tests.fakes import ManualClock

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
        self._called("origin")
        return self.at

    async def read(self) -> Fence | None:
        self._called("read")
        return self.fence

    async def create(self, fence: Fence) -> Fence:
        self._called("create")
        self.fence = self.fence or fence
        return self.fence

    async def replace(self, old: Fence, new: Fence) -> bool:
        self._called("replace")
        if self.rivals:
            self.fence = self.rivals.pop(0)
        now = self.fence
        if now is None or (now.deployment, now.seq) != (old.deployment, old.seq):
            return False
        self.fence = replace(new, pin=now.pin)
        return True

    async def pin(self) -> None:
        self._called("pin")
        if self.fence is not None:
            self.fence = replace(self.fence, pin=self.fence.pin + 1)

    def _called(self, name: str) -> None:
        self.calls[name] += 1
        if self.down:
            raise DatabaseUnavailable(name)
        if self._clock is not None:
            self._clock.advance(self.latency_s)


_Key = tuple[str, int, UserId]


class FakeLeasedCache:
    """``LeasedCache`` in dicts, doing what the Lua scripts do in Redis.

    A key holds ``V`` and a value, ``L`` and a fill token, ``X``, or something foreign (``None``
    stands for a key of another type). ``run_id`` is the server's. A command named in ``failing``
    is not executed, one in ``unheard`` is, and both raise. ``calls`` counts, ``log`` lists.
    """

    def __init__(self, clock: ManualClock, timing: Timing | None = None) -> None:
        self.run_id = RUN
        self.failing: set[str] = set()
        self.unheard: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.log: list[str] = []
        self.held: dict[tuple[_Key, CachedValue], tuple[bytes | None, float]] = {}
        self.marks: dict[_Key, dict[str, float]] = {}
        self._clock = clock
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
        self._begin("get", fence)
        key = _key(fence, user_id)
        values = [self._value(self._get(key, kind)) for kind in kinds]
        self._end("get")
        return values

    async def acquire(
        self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str
    ) -> Mapping[CachedValue, Acquired]:
        self._begin("acquire", fence)
        key = _key(fence, user_id)
        answers = {kind: self._acquire(key, kind, token) for kind in kinds}
        self._end("acquire")
        return answers

    async def fill(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        values: Mapping[CachedValue, tuple[bytes, float] | None],
    ) -> AbstractSet[CachedValue]:
        self._begin("fill", fence)
        key, stored = _key(fence, user_id), set()
        for kind, value in values.items():
            if self._get(key, kind) == b"L" + token.encode():
                del self.held[key, kind]
                if value is not None:
                    self.held[key, kind] = b"V" + value[0], self._clock() + value[1]
                    stored.add(kind)
        self._end("fill")
        return stored

    async def mark(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        self._begin("mark", fence)
        key = _key(fence, user_id)
        for kind in kinds:
            self.held.pop((key, kind), None)
        self.marks.setdefault(key, {})[token] = self._clock() + self._timing.mark_s
        self._end("mark")

    async def clear(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        self._begin("clear", fence)
        key = _key(fence, user_id)
        for kind in kinds:
            self.held[key, kind] = b"X", self._clock() + TRACE_S
        self.marks.get(key, {}).pop(token, None)
        self._end("clear")

    def put(self, fence: Fence, user_id: UserId, kind: CachedValue, held: bytes | None) -> None:
        """Put anything where a value belongs; ``None`` for a key of another type."""
        self.held[_key(fence, user_id), kind] = held, float("inf")

    def marked(self, fence: Fence, user_id: UserId) -> bool:
        """Tell whether a writer's mark stands."""
        return any(
            ends > self._clock() for ends in self.marks.get(_key(fence, user_id), {}).values()
        )

    def _acquire(self, key: _Key, kind: CachedValue, token: str) -> Acquired:
        held = self._get(key, kind)
        tag = held[:1] if held else None
        if held is not None and tag == b"V":
            return held[1:]
        if tag == b"L":
            return Refusal.FILLING
        if any(ends > self._clock() for ends in self.marks.get(key, {}).values()):
            return Refusal.WRITING
        self.held[key, kind] = b"L" + token.encode(), self._clock() + self._timing.fill_s
        return Granted(Empty.INVALIDATED if tag == b"X" else Empty.ABSENT)

    def _get(self, key: _Key, kind: CachedValue) -> bytes | None:
        held, ends = self.held.get((key, kind), (None, 0.0))
        return held if ends > self._clock() else None

    def _value(self, held: bytes | None) -> bytes | None:
        return held[1:] if held is not None and held[:1] == b"V" else None

    def _begin(self, name: str, fence: Fence) -> None:
        self.calls[name] += 1
        self.log.append(name)
        if name in self.failing or fence.run_id != self.run_id:
            raise CacheUnavailable

    def _end(self, name: str) -> None:
        if name in self.unheard:
            raise CacheUnavailable


def _key(fence: Fence, user_id: UserId) -> _Key:
    return fence.deployment, fence.namespace, user_id


async def leased(store: FenceStore, clock: SleepingClock, *, with_redis: bool) -> Lease:
    """Start a process's lease."""
    lease = Lease(store, Timing(), clock=clock, sleep=clock.sleep)
    await lease.start(RUN if with_redis else None)
    return lease


def fenced_repository(
    plain: Repository, lease: Lease, cache: FakeLeasedCache, clock: SleepingClock
) -> FencedRepository:
    """Return the cached variant of a repository, over fakes."""
    entries = Entries(TTL_S, clock=clock)
    reads = FencedReads(plain, lease, cache, entries, sleep=clock.sleep)
    return FencedRepository(plain, reads, FencedWrites(lease, cache))


def uncached_repository(plain: Repository, lease: Lease) -> UncachedRepository:
    """Return the uncached variant of a repository."""
    return UncachedRepository(plain, FencedWrites(lease, NullCache()))
