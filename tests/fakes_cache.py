"""In-memory stand-ins for the Redis layer."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from benchmarks.variants.rivals.naive import NaiveCacheUnavailable
from service.domain import CachedValue, Snapshot, TodoId, TodoSnapshot, UserId
from service.ports import CachedValues, CacheStatus, Repository, Write


class FakeEntries:
    """``EntryCache`` in a dict; ``ttl_s`` keeps what the last put of a slot asked for.

    ``calls`` counts by name; while ``down`` is set every call fails.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.calls: Counter[str] = Counter()
        self.down = False
        self.ttl_s: dict[CachedValue, float] = {}
        self._entries: dict[tuple[UserId, CachedValue], tuple[bytes, float]] = {}
        self._clock = clock

    async def get(self, user_id: UserId, slots: CachedValues) -> Sequence[bytes | None]:
        self._called("get")
        found = [self._entries.get((user_id, slot), (None, 0.0)) for slot in slots]
        return [entry if until > self._clock() else None for entry, until in found]

    async def put(self, user_id: UserId, slot: CachedValue, entry: bytes, *, ttl_s: float) -> None:
        self._called("put")
        self.ttl_s[slot] = ttl_s
        self._entries[user_id, slot] = entry, self._clock() + ttl_s

    async def drop(self, user_id: UserId, slots: CachedValues) -> None:
        self._called("drop")
        for slot in slots:
            self._entries.pop((user_id, slot), None)

    def clear(self) -> None:
        self._entries.clear()

    def _called(self, name: str) -> None:
        self.calls[name] += 1
        if self.down:
            raise NaiveCacheUnavailable(name)


class FakeSwitch:
    """``CacheControl`` over fake slots."""

    def __init__(self, slots: FakeEntries) -> None:
        self._slots = slots
        self._on = True
        self._epoch = 1

    def enabled(self) -> bool:
        return self._on

    async def status(self) -> CacheStatus:
        return CacheStatus("on" if self._on else "off", self._epoch)

    async def switch(self, *, enabled: bool) -> CacheStatus:
        self._on = enabled
        return await self.drop()

    async def drop(self) -> CacheStatus:
        self._slots.clear()
        self._epoch += 1
        return await self.status()


class SwitchedRepository:
    """``cached`` while the switch is on, else ``plain``; writes always go through ``cached``."""

    def __init__(self, cached: Repository, plain: Repository, switch: FakeSwitch) -> None:
        self._cached = cached
        self._plain = plain
        self._switch = switch

    async def read(self, user_id: UserId, slots: CachedValues) -> Snapshot:
        return await self._for_reads().read(user_id, slots)

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        return await self._for_reads().todo(user_id, todo_id)

    def write(self, user_id: UserId, *slots: CachedValue) -> Write:
        return self._cached.write(user_id, *slots)

    def _for_reads(self) -> Repository:
        return self._cached if self._switch.enabled() else self._plain
