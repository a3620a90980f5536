"""The broken variants of the code, each as small as the mistake that it stands for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import replace

from service.coherence.cache import CacheUnavailable, LeasedCache, Marks
from service.coherence.entries import Entries
from service.coherence.fence import Fence, State
from service.coherence.lease import Lease, Sleep
from service.coherence.recovery import RecoveryMonitor
from service.coherence.repository import FencedRepository
from service.coherence.writes import Deadline, FencedWrites
from service.domain import CachedValue, Snapshot, TodoId, TodoSnapshot, UserId
from service.ports import CachedValues, Repository, Write
from tests.fakes_coherence import CacheKey, Values
from tests.interleaving.stores import SteppedCache


class PlainFill(SteppedCache):
    """M1: a fill stores whatever the slot holds."""

    async def fill(
        self, fence: Fence, user_id: UserId, token: str, values: Values
    ) -> AbstractSet[CachedValue]:
        del token
        key = self.key(fence, user_id)

        def effect() -> AbstractSet[CachedValue]:
            for kind, value in values.items():
                if value is not None:
                    self.memory.put(key, kind, *value)
            return values.keys()

        return await self._call("fill", fence, effect)


class _NoMark:
    def __init__(self, cache: Marks) -> None:
        self.clear = cache.clear

    async def mark(self, fence: Fence, user_id: UserId, slots: CachedValues, token: str) -> None:
        """Leave it out."""


class NoMark(FencedWrites):
    """M2: the commit comes first."""

    def __init__(
        self, lease: Lease, cache: Marks, *, deadline: Deadline = lambda _: nullcontext()
    ) -> None:
        super().__init__(lease, _NoMark(cache), deadline=deadline)


class Careless(FencedWrites):
    """M3: a failed invalidation is ignored."""

    async def _confirm_or_close(self, command: Callable[[Fence], Awaitable[None]]) -> float:
        fence = await self._lease.current()
        if fence.writable:
            with suppress(CacheUnavailable):
                await command(fence)
        return 0.0


class Impatient(Lease):
    """M4: no write waits for older leases."""

    async def await_expiry(self, off: Fence) -> None:
        """Return at once."""

    def observed_s(self) -> float:
        return float("inf")


class CountsFromAnswer(Lease):
    """A lease counts from when the fence was heard of, not from when it was asked for."""

    def _adopt(self, fence: Fence, asked_at: float) -> Fence:
        return super()._adopt(fence, max(asked_at, self._clock()))


class NoArm(RecoveryMonitor):
    """M5: the fence opens without the step in between."""

    async def step(self) -> None:
        run_id = await self._look()
        fence = await self._lease.current()
        if fence.state is State.OFF and self._may_arm(fence, run_id):
            seq = fence.seq + 1
            opened = Fence(fence.deployment, seq, State.ON, seq, run_id, fence.enabled)
            await self._lease.compare_and_set(fence, opened)


class Unleased(FencedWrites):
    """M6: a writer without a lease just commits."""

    @asynccontextmanager
    async def around(self, user_id: UserId, *slots: CachedValue) -> AsyncIterator[None]:
        if self._lease.valid_fence() is not None:
            async with super().around(user_id, *slots):
                yield
            return
        yield
        await self._clear(user_id, slots, self._tokens.draw())


class AnyRun(SteppedCache):
    """M7: connections are to whatever server answers."""

    def reaches(self, _: Fence) -> bool:
        return True


class MarkIsEnough(FencedWrites):
    """M8: a mark that worked excuses a failed clear."""

    async def _clear(self, user_id: UserId, slots: CachedValues, token: str) -> None:
        fence = await self._lease.current()
        with suppress(CacheUnavailable):
            await self._cache.clear(fence, user_id, slots, token)


class OneNamespace(SteppedCache):
    """M9: the namespace is not part of the key."""

    def key(self, fence: Fence, user_id: UserId) -> CacheKey:
        return super().key(replace(fence, namespace=1), user_id)


class AsItBegan(FencedWrites):
    """M10: a write is settled in the namespace that it was marked in."""

    @asynccontextmanager
    async def around(self, user_id: UserId, *slots: CachedValue) -> AsyncIterator[None]:
        token = self._tokens.draw()
        fence = await self._lease.current()
        await self._cache.mark(fence, user_id, slots, token)
        yield
        await self._cache.clear(fence, user_id, slots, token)


class OpensAtOnce(RecoveryMonitor):
    """M11: ``arm`` is left without waiting."""

    def _may_open(self) -> bool:
        return True


class ArmsAtOnce(RecoveryMonitor):
    """M12: ``off`` is left without waiting."""

    def _may_arm(self, _: Fence, run_id: str) -> bool:
        return bool(run_id)


class _Joining:
    """A repository whose readers share one database read, also one that began before them."""

    def __init__(self, inner: Repository, pause: Sleep) -> None:
        self._inner = inner
        self._pause = pause
        self._flight: list[Snapshot] = []

    async def read(self, user_id: UserId, slots: CachedValues) -> Snapshot:
        if self._flight:
            return self._flight[-1]
        self._flight.append(await self._inner.read(user_id, slots))
        await self._pause(0)
        return self._flight.pop()

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        return await self._inner.todo(user_id, todo_id)

    def write(self, user_id: UserId, *slots: CachedValue) -> Write:
        return self._inner.write(user_id, *slots)


class Joins(FencedRepository):
    """A18: a reader joins a database read that began before its own request."""

    def __init__(
        self,
        inner: Repository,
        lease: Lease,
        cache: LeasedCache,
        entries: Entries,
        writes: FencedWrites,
        *,
        sleep: Sleep,
    ) -> None:
        super().__init__(_Joining(inner, sleep), lease, cache, entries, writes, sleep=sleep)
