"""A Redis with ``maxmemory`` and ``allkeys-lru``, simulated entry by entry, as it does it.

Redis drops not what was read longest ago but the oldest of what it has looked at: a few keys drawn
at random for each eviction, kept in a pool of 16 with the age that they had then. Ages count in
ticks of a second (``evict.c``, ``LRU_CLOCK_RESOLUTION``). Where entries are dropped after hours
that is as good as the oldest; where time is compressed into seconds it is nearly chance.
"""

import math
import random
from bisect import insort_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.scenarios.base import Operation
from benchmarks.scenarios.mix import READ

TICK_S = 1.0
SAMPLES = 5
"""Redis' own values: ``LRU_CLOCK_RESOLUTION`` and ``maxmemory-samples``."""
_POOL = 16
_CLEARS_EVERY_S = 0.1

Key = tuple[str, int]


@dataclass(slots=True)
class _Entry:
    size: float
    ends_s: float
    read_s: float
    place: int


@dataclass(slots=True)
class EvictingCache:
    """Entries with sizes and TTLs in ``room_bytes``; times are seconds and never go back.

    Without ``samples`` the oldest entry is found, whatever it takes, and with a ``tick_s`` of 0
    ages are exact: that is LRU as in textbooks. ``rng`` draws the samples.
    """

    room_bytes: float
    rng: random.Random
    samples: int | None = SAMPLES
    tick_s: float = TICK_S
    evicted: int = 0
    used_bytes: float = 0.0
    _entries: dict[Key, _Entry] = field(default_factory=dict)
    _keys: list[Key] = field(default_factory=list)
    _pool: list[tuple[float, Key]] = field(default_factory=list)

    def get(self, key: Key, now_s: float) -> bool:
        """Tell whether there is an entry, and note that it was read."""
        entry = self._entries.get(key)
        if entry is None:
            return False
        if entry.ends_s <= now_s:
            self.delete(key)
            return False
        if self.samples is None:
            # Kept in the order of the reads, so that the oldest is the first.
            self._entries[key] = self._entries.pop(key)
        entry.read_s = self._clock(now_s)
        return True

    def set(self, key: Key, size: float, now_s: float, ttl_s: float = math.inf) -> None:
        """Store an entry in the room that was made for it."""
        self.delete(key)
        self._entries[key] = _Entry(size, now_s + ttl_s, self._clock(now_s), len(self._keys))
        self._keys.append(key)
        self.used_bytes += size

    def make_room(self, size: float, now_s: float) -> None:
        """Drop entries until so much fits, as Redis does when a command comes with its values."""
        while self.used_bytes + size > self.room_bytes and self._keys:
            self._evict(now_s)

    def delete(self, key: Key) -> None:
        """Remove an entry if there is one."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        last = self._keys.pop()
        if last != key:
            self._keys[entry.place] = last
            self._entries[last].place = entry.place
        self.used_bytes -= entry.size

    def expire(self, now_s: float) -> None:
        """Remove what has expired, as Redis does in the background some times a second."""
        for key in [key for key, entry in self._entries.items() if entry.ends_s <= now_s]:
            self.delete(key)

    def _evict(self, now_s: float) -> None:
        self.evicted += 1
        self.delete(next(iter(self._entries)) if self.samples is None else self._victim(now_s))

    def _victim(self, now_s: float) -> Key:
        while True:
            for key in self.rng.sample(self._keys, min(self.samples or 0, len(self._keys))):
                idle_s = self._clock(now_s) - self._entries[key].read_s
                insort_left(self._pool, (idle_s, key), key=_idle_s)
            del self._pool[:-_POOL]
            while self._pool:
                _, key = self._pool.pop()
                # What is no longer there leaves the pool; what was read meanwhile does not.
                if key in self._entries:
                    return key

    def _clock(self, now_s: float) -> float:
        return math.floor(now_s / self.tick_s) * self.tick_s if self.tick_s else now_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The bytes of an entry: a user, a todo list, what a write leaves and what a fill begins with.

    A reader that misses leaves a lease and stores its value only where that is still there. Where
    memory is tight the lease may be dropped to make room for the very value that it is for.
    """

    user: float
    todos: float
    trace: float = 0.0
    lease: float = 0.0


def _idle_s(pooled: tuple[float, Key]) -> float:
    return pooled[0]


@dataclass(slots=True, kw_only=True)
class CachedService:
    """What the service does with two slots per user: a read fills both, a write empties one."""

    cache: EvictingCache
    sizes: Sizes
    ttl_s: float
    user_ttl_s: float
    reads: int = 0
    hits: int = 0
    user_hits: int = 0

    def run(self, operations: Iterable[Operation], *, rate: float, from_s: float = 0.0) -> float:
        """Take so many operations per second; return when the last one was."""
        now_s = cleared_s = from_s
        for operation in operations:
            now_s += 1 / rate
            if now_s - cleared_s >= _CLEARS_EVERY_S:
                self.cache.expire(now_s)
                cleared_s = now_s
            known = self._look_up("user", operation.user, now_s)
            if operation.action == READ:
                self.reads += 1
                self.user_hits += known
                self.hits += self._look_up("todos", operation.user, now_s)
            else:
                self.cache.delete(("todos", operation.user))
                self.cache.make_room(0, now_s)
                self.cache.set(("trace", operation.user), self.sizes.trace, now_s)
        return now_s

    def _look_up(self, slot: str, user: int, now_s: float) -> bool:
        """Tell whether a slot held its value; where it did not, it does from now on."""
        cache, key, lease = self.cache, (slot, user), (f"lease of {slot}", user)
        if cache.get(key, now_s):
            return True
        size, ttl_s = self.sizes.user, self.user_ttl_s
        if slot == "todos":
            size, ttl_s = self.sizes.todos, self.ttl_s
            cache.delete(("trace", user))
        cache.make_room(0, now_s)
        cache.set(lease, self.sizes.lease, now_s)
        cache.make_room(size, now_s)
        if cache.get(lease, now_s):
            cache.delete(lease)
            cache.set(key, size, now_s, ttl_s)
        return False
