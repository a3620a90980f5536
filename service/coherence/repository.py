"""The cached variant: the plain repository wrapped in fenced reads and writes.

A read is one round trip for a hit; on a miss one reader fills and the others wait for it.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import structlog

from service.codec import CorruptValue, todo_in_list
from service.coherence.cache import Acquired, CacheUnavailable, Granted, LeasedCache, Refusal
from service.coherence.entries import Entries, Omitted, Value, holds_value
from service.coherence.fence import Fence
from service.coherence.lease import Lease, Sleep
from service.coherence.uncached import UncachedRepository
from service.coherence.writes import FencedWrites, TokenSource
from service.domain import Account, CachedValue, Snapshot, TodoId, TodoList, TodoSnapshot, UserId
from service.ports import CachedValues, Repository
from service.trace import COLLAPSED, CORRUPT, HIT, TOO_LARGE, UNAVAILABLE, bypass, miss

# How a reader that may not fill waits for the value; after the last it asks the database.
WAITS_S = (0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256)

_log = structlog.get_logger()
_Values = dict[CachedValue, Account | TodoList | None]
_Found = dict[CachedValue, tuple[Value, str]]
"""Values, each with its outcome."""
_LARGE = Omitted.TOO_LARGE


class FencedRepository(UncachedRepository):
    """The ``Repository`` whose cache is never stale.

    A read that starts after a write was acknowledged returns that write or a newer one, however
    Redis fails. ``docs/coherence.md`` says why, and what is not promised. Reads are answered from
    the cache while the lease allows it, else from ``inner``.

    A reader that waits takes a value from the cache only. It never joins another reader's
    database read: that may have begun before a write that was acknowledged before this read, and be
    too old for it.
    """

    def __init__(
        self,
        inner: Repository,
        lease: Lease,
        cache: LeasedCache,
        entries: Entries,
        writes: FencedWrites,
        *,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(inner, writes)
        self._lease = lease
        self._cache = cache
        self._entries = entries
        self._sleep = sleep
        self._tokens = TokenSource()
        self._fills: set[asyncio.Task[None]] = set()

    async def read(self, user_id: UserId, kinds: CachedValues, *, listing: bool = True) -> Snapshot:
        """Return these; raises ``DatabaseUnavailable`` only where the cache cannot answer.

        Without ``listing`` a todo list is left out where the database would have to be asked for
        it and nothing be stored.
        """
        fence = self._lease.valid_fence()
        if fence is None or not fence.readable:
            return await self._bypass(user_id, kinds, _why_not(fence), listing=listing)
        try:
            stored = await self._cache.get(fence, user_id, kinds)
            values, corrupt = self._believed(user_id, kinds, stored)
            if len(values) == len(kinds) and _LARGE not in values.values():
                return _snapshot(values, dict.fromkeys(kinds, HIT))
            if corrupt:
                await self._cache.clear(fence, user_id, corrupt, self._tokens.draw())
        except CacheUnavailable:
            return await self._bypass(user_id, kinds, UNAVAILABLE, listing=listing)
        found: _Found = {kind: (value, HIT) for kind, value in values.items()}
        missing = tuple(kind for kind in kinds if kind not in found)
        if missing:
            found |= await self._fetch(user_id, missing, listing=listing)
        for kind in corrupt:
            found[kind] = found[kind][0], CORRUPT
        large = [kind for kind, (value, _) in found.items() if value is _LARGE]
        if large:
            asked = await self._asked(user_id, tuple(large), listing=listing)
            found |= {kind: (value, TOO_LARGE) for kind, value in asked.items()}
        return _snapshot(
            {kind: value for kind, (value, _) in found.items()},
            {kind: outcome for kind, (_, outcome) in found.items()},
        )

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        """Pick the todo from the cached list; else the database is asked for it alone."""
        snapshot = await self.read(user_id, tuple(CachedValue), listing=False)
        if snapshot.todos is None:
            found = await self._inner.todo(user_id, todo_id)
            return replace(found, outcomes=snapshot.outcomes)
        return await todo_in_list(snapshot, self._inner, user_id, todo_id)

    async def drain(self) -> None:
        """Wait for the fills that are under way."""
        await asyncio.gather(*self._fills, return_exceptions=True)

    async def _bypass(
        self, user_id: UserId, kinds: CachedValues, why: str, *, listing: bool
    ) -> Snapshot:
        snapshot = await self._inner.read(user_id, kinds) if listing else Snapshot()
        return replace(snapshot, outcomes=dict.fromkeys(kinds, why))

    async def _asked(self, user_id: UserId, kinds: CachedValues, *, listing: bool) -> _Values:
        """Return what the database has, of the todo list only with ``listing``."""
        values: _Values = dict.fromkeys(kinds)
        asked = tuple(kind for kind in kinds if listing or kind is not CachedValue.TODOS)
        return values | (_values(await self._inner.read(user_id, asked), asked) if asked else {})

    def _believed(
        self, user_id: UserId, kinds: CachedValues, stored: Sequence[bytes | None]
    ) -> tuple[dict[CachedValue, Value], CachedValues]:
        """Return the values that decode, with this user as owner, and which do not."""
        values: dict[CachedValue, Value] = {}
        corrupt: CachedValues = ()
        for kind, entry in zip(kinds, stored, strict=True):
            if entry is not None:
                try:
                    values[kind] = self._entries.unpack(user_id, kind, entry)
                except CorruptValue:
                    corrupt = (*corrupt, kind)
        return values, corrupt

    async def _fetch(self, user_id: UserId, missing: CachedValues, *, listing: bool) -> _Found:
        """Read what is missing: fill it, wait for another's fill, or just ask the database."""
        found: _Found = {}
        pending = missing
        why = miss("waited")
        for wait_s in WAITS_S:
            fence = self._lease.valid_fence()
            if fence is None or not fence.readable:
                why = _why_not(fence)
                break
            token = self._tokens.draw()
            try:
                acquired = await self._cache.acquire(fence, user_id, pending, token)
            except CacheUnavailable:
                why = UNAVAILABLE
                break
            found |= await self._use(fence, user_id, token, acquired, listing=listing)
            pending = tuple(kind for kind in pending if kind not in found)
            if not pending:
                return found
            await self._sleep(wait_s)
        values = await self._asked(user_id, pending, listing=listing)
        return found | {kind: (value, why) for kind, value in values.items()}

    async def _use(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        acquired: Mapping[CachedValue, Acquired],
        *,
        listing: bool,
    ) -> _Found:
        """Take the values that came meanwhile, load what no other reader is loading."""
        found: _Found = {}
        reasons: dict[CachedValue, str] = {}
        for kind, answer in acquired.items():
            if isinstance(answer, bytes):
                try:
                    found[kind] = self._entries.unpack(user_id, kind, answer), COLLAPSED
                except CorruptValue:
                    reasons[kind] = CORRUPT
            elif isinstance(answer, Granted):
                reasons[kind] = miss(self._entries.why_empty(fence, user_id, kind, answer.was))
            elif answer is Refusal.WRITING:
                reasons[kind] = miss(answer)
        if reasons:
            granted = tuple(kind for kind in reasons if isinstance(acquired[kind], Granted))
            listing = listing or CachedValue.TODOS in granted
            asked = self._asked(user_id, tuple(reasons), listing=listing)
            values = await self._load(fence, user_id, token, asked, granted)
            found |= {kind: (values[kind], reason) for kind, reason in reasons.items()}
        return found

    async def _load(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        asked: Awaitable[_Values],
        granted: CachedValues,
    ) -> _Values:
        """Await the database, and fill what was granted without keeping the reader waiting."""
        values: _Values = dict.fromkeys(granted)
        try:
            values = await asked
        finally:
            if granted:
                filling = {kind: values[kind] for kind in granted}
                task = asyncio.ensure_future(self._fill(fence, user_id, token, filling))
                self._fills.add(task)
                task.add_done_callback(self._fills.discard)
        return values

    async def _fill(self, fence: Fence, user_id: UserId, token: str, values: _Values) -> None:
        # What cannot be stored gives its token back, so that no reader waits for it.
        with suppress(CacheUnavailable):
            entries = self._entries.pack(fence, user_id, values)
            stored = await self._cache.fill(fence, user_id, token, entries)
            self._entries.forget(fence, user_id, entries.keys() - stored)
            for kind in stored:
                if (packed := entries[kind]) and holds_value(packed[0]):
                    _log.debug(f"Cached: {kind}:{user_id}")


def _why_not(fence: Fence | None) -> str:
    if fence is None:
        return bypass("unleased")
    return bypass("fenced" if fence.enabled else "off")


def _values(snapshot: Snapshot, kinds: CachedValues) -> _Values:
    every: _Values = {CachedValue.USER: snapshot.account, CachedValue.TODOS: snapshot.todos}
    return {kind: every[kind] for kind in kinds}


def _snapshot(values: Mapping[CachedValue, Value], outcomes: Mapping[CachedValue, str]) -> Snapshot:
    """Return an answer made of these values; one that is missing is left out."""
    account, todos = values.get(CachedValue.USER), values.get(CachedValue.TODOS)
    return Snapshot(
        account if isinstance(account, Account) else None,
        todos if isinstance(todos, TodoList) else None,
        outcomes,
    )
