"""A write: mark, commit, settle. It is acknowledged only when no reader can see what was before."""

import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import structlog

from service.coherence.cache import CacheUnavailable, Marks
from service.coherence.fence import Fence
from service.coherence.lease import Lease
from service.domain import CachedValue, UserId
from service.errors import DatabaseUnavailable, Unavailable
from service.ports import CachedValues

Deadline = Callable[[float], AbstractContextManager[object]]
_ATTEMPTS = 8
_log = structlog.get_logger()


class TokenSource:
    """Draw tokens that no other process and no later call draws."""

    def __init__(self) -> None:
        self._prefix = uuid.uuid4().hex[:16]
        self._count = itertools.count()

    def draw(self) -> str:
        """Return a new token."""
        return f"{self._prefix}{next(self._count):x}"


class FencedWrites:
    """Enclose commits so that every read that starts after the acknowledgement sees them.

    A process without Redis uses the same code with a cache that never confirms: its first write
    closes the fence for all processes. ``deadline`` bounds a commit in seconds.
    """

    def __init__(
        self,
        lease: Lease,
        cache: Marks,
        *,
        deadline: Deadline = lambda _: nullcontext(),
    ) -> None:
        self._lease = lease
        self._cache = cache
        self._deadline = deadline
        self._tokens = TokenSource()

    @asynccontextmanager
    async def around(self, user_id: UserId, *kinds: CachedValue) -> AsyncIterator[None]:
        """Enclose a commit that changes these cached values, and settle it.

        Raises what the commit raises, and ``DatabaseUnavailable`` when the write could not be
        settled: then it is not acknowledged, whether it happened or not. A commit that the
        database did not confirm, or whose caller was cancelled, may have happened or may yet: the
        mark stays until it ends by itself.
        """
        token = self._tokens.draw()
        overdue_s = await self._confirm_or_close(
            lambda fence: self._cache.mark(fence, user_id, kinds, token)
        )
        # A fence that opens again waits for commits that began under a lease from before.
        rest_s = self._lease.write_deadline_s - overdue_s
        if rest_s <= 0:
            raise DatabaseUnavailable("to ask for the fence took as long as a commit may")
        try:
            with self._deadline(rest_s):
                yield
        except Unavailable:
            raise
        except Exception:
            await self._clear(user_id, kinds, token)
            raise
        await self._clear(user_id, kinds, token)

    async def _clear(self, user_id: UserId, kinds: CachedValues, token: str) -> None:
        async def clear(fence: Fence) -> None:
            await self._cache.clear(fence, user_id, kinds, token)
            for kind in kinds:
                _log.debug(f"Deleted cache: {kind}:{user_id}")

        await self._confirm_or_close(clear)

    async def _confirm_or_close(self, command: Callable[[Fence], Awaitable[None]]) -> float:
        """Have the cache confirm a command, or the fence closed and every older lease run out.

        Confirmed, the values are gone from the cache. After a mark that keeps reads from going
        backwards, after a clear it keeps the promise even where the mark was lost and another
        reader filled.

        The fence is asked for anew in every round: what counts is the namespace that readers use
        now, not the one of the write's beginning. Returned is for how many seconds the lease on
        that version had been over when it became known: 0 unless the database is slow.
        """
        for _ in range(_ATTEMPTS):
            fence = await self._lease.current()
            overdue_s = self._lease.overdue_s()
            if not fence.writable:
                if self._lease.outlived(fence):
                    return overdue_s
                # The fence may have moved on during the wait: it is looked at again after it.
                await self._lease.await_expiry(fence)
                continue
            try:
                await command(fence)
            except CacheUnavailable as error:
                await self._lease.compare_and_set(fence, fence.fenced(error.reason))
            else:
                return overdue_s
        raise DatabaseUnavailable("the fence kept moving")
