"""The cached variant: the plain repository wrapped in fenced reads and writes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.coherence.writes import FencedWrites
from service.domain import CachedValue, Snapshot, TodoId, TodoSnapshot, UserId
from service.listed import todo_from_list
from service.ports import CachedValues, Reads, Repository


class FencedRepository:
    """The ``Repository`` whose cache is never stale.

    A read that starts after a write was acknowledged returns that write or a newer one, whatever
    Redis does. ``docs/coherence.md`` says why, and what is not promised.
    """

    def __init__(self, inner: Repository, reads: Reads, writes: FencedWrites) -> None:
        self._inner = inner
        self._reads = reads
        self._writes = writes

    async def read(self, user_id: UserId, kinds: CachedValues) -> Snapshot:
        """Return these values from the cache where the lease allows it, else from ``inner``."""
        return await self._reads.read(user_id, kinds)

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        """Pick the todo from the cached list; one beyond the first page comes from the database."""
        return await todo_from_list(self._reads, self._inner, user_id, todo_id)

    @asynccontextmanager
    async def write(self, user_id: UserId, *kinds: CachedValue) -> AsyncIterator[None]:
        """Enclose a change: every read that starts after it was acknowledged sees it."""
        async with self._writes.around(user_id, *kinds), self._inner.write(user_id, *kinds):
            yield
