"""A process that was started without Redis, in a deployment where others may have it."""

import asyncio
from collections.abc import Callable

from service.coherence.cache import CacheUnavailable
from service.coherence.fence import Fence, FenceStore
from service.coherence.lease import Lease, Sleep
from service.coherence.writes import FencedWrites
from service.domain import CachedValue, Snapshot, TodoId, TodoSnapshot, UserId
from service.ports import CachedValues, Repository, Write

REASON = "no-redis"


class NullCache:
    """The ``Marks`` that are never confirmed, so that the first write closes the fence."""

    async def mark(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        """Raise ``CacheUnavailable``."""
        raise CacheUnavailable(REASON)

    clear = mark


class UncachedRepository:
    """The uncached variant: reads go straight to the database, writes respect the fence.

    In a deployment of its own the fence is closed and stays so: a write costs no more than its
    commit. Beside processes that cache, it makes them stop before its first write is acknowledged.
    """

    def __init__(self, inner: Repository, writes: FencedWrites) -> None:
        self._inner = inner
        self._writes = writes

    async def read(self, user_id: UserId, kinds: CachedValues) -> Snapshot:
        """Return these cached values from the database."""
        return await self._inner.read(user_id, kinds)

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        """Return the account and one todo from the database."""
        return await self._inner.todo(user_id, todo_id)

    def write(self, user_id: UserId, *kinds: CachedValue) -> Write:
        """Enclose a change: once acknowledged, no process answers with what was before."""
        return self._writes.around(user_id, *kinds)


async def keep_closed(
    lease: Lease,
    store: FenceStore,
    on_error: Callable[[Exception], None],
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Say for ever that a process without Redis is at work, so that no process opens the fence."""
    while True:
        try:
            await store.pin()
            fence = await lease.current()
            if fence.writable:
                await lease.compare_and_set(fence, fence.fenced(REASON))
        except Exception as error:  # noqa: BLE001 - the next write closes the fence itself
            on_error(error)
        await sleep(lease.timing.lease_s)
