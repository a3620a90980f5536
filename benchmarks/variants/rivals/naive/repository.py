"""Cache-aside with a TTL, entries deleted after writes.

What it does not promise: a value read before a write can be stored after it, and a deletion that
Redis did not confirm is lost, so a reader can be served an old value until its TTL ends.
"""

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Protocol

from service.codec import (
    CorruptValue,
    pack_account,
    pack_todos,
    unpack_account,
    unpack_todos,
)
from service.domain import (
    Account,
    CachedValue,
    Snapshot,
    TodoId,
    TodoList,
    TodoSnapshot,
    UserId,
)
from service.listed import todo_from_list
from service.outcomes import CORRUPT, HIT, MISS, UNAVAILABLE
from service.ports import CachedValues, Repository

MAX_ENTRY_BYTES = 256 * 1024
JITTER = 0.1


class NaiveCacheUnavailable(Exception):
    """Redis did not answer in time; whether the command ran is unknown."""


class SlotCache(Protocol):
    """Entries by user and slot. Every method raises ``NaiveCacheUnavailable``."""

    async def get(self, user_id: UserId, slots: CachedValues) -> Sequence[bytes | None]:
        """Return the entries of these slots, in one round trip."""
        ...

    async def put(self, user_id: UserId, slot: CachedValue, entry: bytes, *, ttl_s: float) -> None:
        """Store an entry for ``ttl_s`` seconds."""
        ...

    async def drop(self, user_id: UserId, slots: CachedValues) -> None:
        """Delete the entries of these slots, in one round trip."""
        ...


class CacheAsideRepository:
    """Answer reads from the cache where it can, else from ``inner``, and remember what it said.

    ``ttl_s`` holds seconds by slot; each entry gets up to
    ten percent more or less, so that entries made together do not end together.
    """

    def __init__(
        self,
        inner: Repository,
        cache: SlotCache,
        *,
        ttl_s: Mapping[CachedValue, float],
        jitter: Callable[[], float] = lambda: random.uniform(1 - JITTER, 1 + JITTER),  # noqa: S311
    ) -> None:
        self._inner = inner
        self._cache = cache
        self._ttl_s = ttl_s
        self._jitter = jitter

    async def read(self, user_id: UserId, slots: CachedValues) -> Snapshot:
        """Ask the cache for every slot at once, the database for those it lacks."""
        try:
            entries = await self._cache.get(user_id, slots)
        except NaiveCacheUnavailable:
            snapshot = await self._inner.read(user_id, slots)
            return replace(snapshot, outcomes=dict.fromkeys(slots, UNAVAILABLE))
        found = _unpack(user_id, slots, entries)
        missing = tuple(slot for slot, (_, why) in found.items() if why != HIT)
        if missing:
            fresh = await self._inner.read(user_id, missing)
            await self._fill(user_id, fresh)
        else:
            fresh = Snapshot()
        return _merge(found, fresh)

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        """Pick the todo from the list slot; one beyond the first page comes from the database."""
        return await todo_from_list(self, self._inner, user_id, todo_id)

    @asynccontextmanager
    async def write(self, user_id: UserId, *slots: CachedValue) -> AsyncIterator[None]:
        """Delete the entries of these slots after the change; a lost deletion is not noticed."""
        async with self._inner.write(user_id, *slots):
            yield
        with suppress(NaiveCacheUnavailable):
            await self._cache.drop(user_id, slots)

    async def _fill(self, user_id: UserId, fresh: Snapshot) -> None:
        entries: dict[CachedValue, bytes] = {}
        if fresh.account is not None:
            entries[CachedValue.USER] = pack_account(fresh.account)
        if fresh.todos is not None:
            entries[CachedValue.TODOS] = pack_todos(user_id, fresh.todos)
        for slot, entry in entries.items():
            if len(entry) > MAX_ENTRY_BYTES:
                continue
            try:
                ttl_s = self._ttl_s[slot] * self._jitter()
                await self._cache.put(user_id, slot, entry, ttl_s=ttl_s)
            except NaiveCacheUnavailable:
                return


_Found = dict[CachedValue, tuple[Account | TodoList | None, str]]


def _unpack(user_id: UserId, slots: CachedValues, entries: Sequence[bytes | None]) -> _Found:
    found: _Found = {}
    for slot, entry in zip(slots, entries, strict=True):
        if entry is None:
            found[slot] = (None, MISS)
            continue
        try:
            unpack = unpack_account if slot is CachedValue.USER else unpack_todos
            found[slot] = (unpack(user_id, entry), HIT)
        except CorruptValue:
            found[slot] = (None, CORRUPT)
    return found


def _merge(found: _Found, fresh: Snapshot) -> Snapshot:
    account = found[CachedValue.USER][0] if CachedValue.USER in found else None
    todos = found[CachedValue.TODOS][0] if CachedValue.TODOS in found else None
    return Snapshot(
        account if isinstance(account, Account) else fresh.account,
        todos if isinstance(todos, TodoList) else fresh.todos,
        {slot: why for slot, (_, why) in found.items()},
    )
