"""A tier in this process: copies of what Redis answered, each usable for a few milliseconds.

A copy is a lease on one slot. Its end is fixed when Redis is *asked*, and every writer of the
deployment waits that long after Redis confirmed that the slot is empty: before it commits, and
before it acknowledges. So while a copy may be used, no newer value has been committed.
``docs/coherence.md`` has the whole rule.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from service.codec import CorruptValue
from service.coherence.cache import LeasedCache
from service.coherence.entries import Entries, Value
from service.coherence.fence import Fence
from service.coherence.lease import Lease, Sleep
from service.coherence.reads import snapshot_of
from service.coherence.timing import Timing, boot_clock
from service.domain import Slot, Snapshot, UserId
from service.ports import Reads, Slots
from service.trace import HIT_LOCAL, outcome


class _Copy(NamedTuple):
    value: Value
    ends_at: float


class LocalCopies:
    """At most ``capacity`` copies, each usable for ``local_s`` seconds from its question on.

    Copies are made and used only where every writer is known to wait for them: in a namespace
    whose fence has said so for ``grace_s``, so that every lease from before has run out. They end
    with their namespace. Only differences of ``clock`` are used.
    """

    def __init__(
        self,
        timing: Timing,
        *,
        local_s: float,
        capacity: int,
        clock: Callable[[], float] = boot_clock,
    ) -> None:
        self.clock = clock
        self._timing = timing
        self._local_s = local_s
        self._capacity = capacity
        self._seen: Fence | None = None
        self._home: tuple[str, int] | None = None
        self._from = float("inf")
        self._copies: OrderedDict[tuple[UserId, Slot], _Copy] = OrderedDict()

    def __len__(self) -> int:
        return len(self._copies)

    def allowed(self, fence: Fence) -> bool:
        """Tell whether copies may be made and used under this fence, of which a lease is held."""
        if fence is not self._seen:
            self._look(fence)
        return self.clock() >= self._from

    def find(self, fence: Fence, user_id: UserId, slots: Slots) -> dict[Slot, Value] | None:
        """Return the values of all these slots, ``None`` when one of them has to be asked for."""
        if not self.allowed(fence):
            return None
        now = self.clock()
        found: dict[Slot, Value] = {}
        for slot in slots:
            copy = self._copies.get((user_id, slot))
            if copy is None or now >= copy.ends_at:
                return None
            found[slot] = copy.value
        return found

    def keep(
        self, fence: Fence, user_id: UserId, values: Mapping[Slot, Value], asked_at: float
    ) -> None:
        """Copy what Redis held in this fence's namespace when it was asked at ``asked_at``."""
        if (fence.deployment, fence.namespace) != self._home:
            return
        for slot, value in values.items():
            self._copies[user_id, slot] = _Copy(value, asked_at + self._local_s)
            self._copies.move_to_end((user_id, slot))
        self._sweep()

    def drop(self, user_id: UserId, slots: Slots) -> None:
        """Forget the copies of these slots."""
        for slot in slots:
            self._copies.pop((user_id, slot), None)

    def _look(self, fence: Fence) -> None:
        """Note since when writers wait in this namespace; what they wait never shrinks there."""
        self._seen = fence
        waited_for = fence.local_s >= self._local_s
        home = (fence.deployment, fence.namespace) if waited_for else None
        if home != self._home:
            self._copies.clear()
            self._home = home
            grace_s = self._timing.under(fence).grace_s
            self._from = self.clock() + grace_s if waited_for else float("inf")

    def _sweep(self) -> None:
        # In the order in which they were asked for, so those in front end first.
        now = self.clock()
        while self._copies:
            key, oldest = next(iter(self._copies.items()))
            if now < oldest.ends_at and len(self._copies) <= self._capacity:
                return
            del self._copies[key]


class CopyingCache:
    """The ``LeasedCache`` of ``inner``; what ``get`` returns is copied, what is written is not."""

    def __init__(self, inner: LeasedCache, copies: LocalCopies, entries: Entries) -> None:
        self._inner = inner
        self._copies = copies
        self._entries = entries
        self.acquire = inner.acquire
        self.fill = inner.fill

    async def get(self, fence: Fence, user_id: UserId, slots: Slots) -> Sequence[bytes | None]:
        """Return the values of these slots, and copy those that decode."""
        if not self._copies.allowed(fence):
            return await self._inner.get(fence, user_id, slots)
        asked_at = self._copies.clock()
        stored = await self._inner.get(fence, user_id, slots)
        values: dict[Slot, Value] = {}
        for slot, entry in zip(slots, stored, strict=True):
            if entry is not None:
                with suppress(CorruptValue):
                    values[slot] = self._entries.unpack(user_id, slot, entry)
        self._copies.keep(fence, user_id, values, asked_at)
        return stored

    async def mark(self, fence: Fence, user_id: UserId, slots: Slots, token: str) -> None:
        """Empty these slots here at once, and in the cache."""
        self._copies.drop(user_id, slots)
        await self._inner.mark(fence, user_id, slots, token)

    async def clear(self, fence: Fence, user_id: UserId, slots: Slots, token: str) -> None:
        """Empty these slots here at once, and in the cache."""
        self._copies.drop(user_id, slots)
        await self._inner.clear(fence, user_id, slots, token)


class LocalReads:
    """Answer from copies while the lease allows it and they hold every slot, else ``reads``."""

    def __init__(self, reads: Reads, lease: Lease, copies: LocalCopies) -> None:
        self._reads = reads
        self._lease = lease
        self._copies = copies

    async def read(self, user_id: UserId, slots: Slots) -> Snapshot:
        """Return these slots."""
        fence = self._lease.peek()
        if fence is not None and fence.readable:
            found = self._copies.find(fence, user_id, slots)
            if found is not None:
                for slot in slots:
                    outcome(slot, HIT_LOCAL)
                return snapshot_of(found)
        return await self._reads.read(user_id, slots)


async def keep_waited_for(
    lease: Lease,
    local_s: float,
    on_error: Callable[[Exception], None],
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Have writers wait for copies of this process, for ever and in every new namespace."""
    while True:
        try:
            fence = await lease.current()
            if fence.writable and fence.local_s < local_s:
                await lease.step(fence, fence.copying(local_s))
        except Exception as error:  # noqa: BLE001 - nothing is copied meanwhile
            on_error(error)
        await sleep(lease.timing.renew_s)
