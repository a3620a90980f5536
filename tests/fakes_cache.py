"""An in-memory stand-in for the Redis of the naive rival."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from benchmarks.variants.rivals.naive import NaiveCacheUnavailable
from service.domain import CachedValue, UserId
from service.ports import CachedValues


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

    def _called(self, name: str) -> None:
        self.calls[name] += 1
        if self.down:
            raise NaiveCacheUnavailable(name)
