"""A process's lease on the fence: a copy that may be used for a bounded time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from service.coherence.fence import (
    LEASE_S,
    WRITE_DEADLINE_S,
    Fence,
    FenceStore,
    State,
    new_deployment,
)
from service.errors import DatabaseUnavailable

DRIFT = 0.01
_ATTEMPTS = 3
Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Timing:
    """Intervals in seconds, of a process or, ``under`` the fence, of its whole deployment.

    ``lease_s`` is how long a copy of the fence may be used, counted from before it was asked
    for. ``write_deadline_s`` bounds a commit; a mark outlives it. ``heal_s`` is how long Redis
    must have answered before it is trusted again.
    """

    lease_s: float = LEASE_S
    write_deadline_s: float = WRITE_DEADLINE_S
    heal_s: float = 3.0
    fill_s: float = 2.0

    def under(self, fence: Fence) -> "Timing":
        """Return the intervals that hold for every process that has a lease on this fence."""
        return replace(self, lease_s=fence.lease_s, write_deadline_s=fence.write_deadline_s)

    @property
    def renew_s(self) -> float:
        """The interval between renewals of a lease, in seconds."""
        return self.lease_s / 3

    @property
    def grace_s(self) -> float:
        """The seconds after an event until no process holds a lease from before it."""
        return self.lease_s * (1 + DRIFT) + 0.01

    @property
    def mark_s(self) -> float:
        """The seconds that a mark stays if its writer dies."""
        return 2 * self.write_deadline_s


boot_clock: Callable[[], float] = (
    partial(time.clock_gettime, time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_BOOTTIME")
    else time.monotonic
)
"""Return seconds that go on while the machine sleeps and that cannot be set."""


class Lease:
    """The newest version of the fence that this process knows, and until when it may be used.

    The lease counts from before the fence was asked for, so it ends no later than ``grace_s``
    after the version it holds was replaced. Only differences of ``clock`` are used.

    What this process was set to (``own``) is used from when the fence allows it.

    All coroutines raise ``DatabaseUnavailable``.
    """

    def __init__(
        self,
        store: FenceStore,
        own: Timing,
        *,
        clock: Callable[[], float] = boot_clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._own = own
        self._store = store
        self._clock = clock
        self._sleep = sleep
        self._fence: Fence | None = None
        self._origin: str | None = None
        self._valid_until = float("-inf")
        self._seen_at = 0.0

    def valid_fence(self) -> Fence | None:
        """Return the fence if the lease is valid; no I/O."""
        return self._fence if self._clock() < self._valid_until else None

    @property
    def known(self) -> Fence | None:
        """The newest version, also where no lease on it is valid: to be shown, never acted on."""
        return self._fence

    @property
    def timing(self) -> Timing:
        """The durations that every process of the deployment keeps to.

        The fence has the longest lease and the longest commit of all of them, so that no
        process has to know how others were set.
        """
        return self._own.under(self._fence) if self._fence else self._own

    @property
    def write_deadline_s(self) -> float:
        """The seconds that a commit of this process may take."""
        return min(self._own.write_deadline_s, self.timing.write_deadline_s)

    async def current(self) -> Fence:
        """Return the fence under a valid lease, else as it was after this question was asked."""
        return self.valid_fence() or await self.renew()

    async def renew(self) -> Fence:
        """Ask for the fence and take a new lease on it.

        The lease of a database that answers slower than it lasts has ended with the answer. Then
        nothing may be read from the cache, and a write has so much less time for its commit.
        """
        for _ in range(_ATTEMPTS):
            asked_at = self._clock()
            # A database without a fence was made anew: all that was known of it is void.
            fence = await self._read_or_create(None)
            newest = self._adopt(fence, asked_at)
            if newest.seq == fence.seq or self.valid_fence() is not None:
                return newest
        raise DatabaseUnavailable(
            "the fence went back, as when a backup is restored; restart every service process"
        )

    async def start(self, run_id: str | None) -> Fence:
        """Take the first lease; a database without a fence gets one."""
        asked_at = self._clock()
        return self._adopt(await self._read_or_create(run_id), asked_at)

    async def _read_or_create(self, run_id: str | None) -> Fence:
        if self._origin is not None:
            origin = self._origin
            return await self._store.read() or await self._create(run_id, origin)
        # Asked once: a process does not outlive the restoring of a backup (docs/coherence.md, R3).
        origin = await self._store.origin()
        fence = await self._store.read() or await self._create(run_id, origin)
        while fence.origin != origin:
            moved = fence.moved(origin)
            if await self._store.replace(fence, moved):
                fence = moved
            else:
                fence = await self._store.read() or await self._create(None, origin)
        self._origin = origin
        return fence

    async def _create(self, run_id: str | None, origin: str) -> Fence:
        return await self._store.create(first_fence(run_id, self._own, origin))

    async def compare_and_set(self, old: Fence, new: Fence) -> bool:
        """Move the fence; ``False`` when it had moved already. Either way the lease is newer."""
        asked_at = self._clock()
        moved = await self._store.replace(old, new)
        if moved:
            self._adopt(new, asked_at)
        else:
            await self.renew()
        return moved

    def overdue_s(self) -> float:
        """Return for how long the lease has been over, in seconds; 0 while it is valid."""
        return max(0.0, self._clock() - self._valid_until)

    def observed_s(self) -> float:
        """Return for how long this process has known the present state, in seconds."""
        return self._clock() - self._seen_at

    def outlived(self, off: Fence) -> bool:
        """Tell whether no process can hold a lease that is older than this closed fence."""
        return off.drained or (
            self._fence is not None
            and _same_step(self._fence, off)
            and self.observed_s() >= self.timing.grace_s
        )

    async def sleep_grace(self) -> None:
        """Return when every other process holds a lease that is newer than this call."""
        await self._sleep(self.timing.grace_s)

    async def await_expiry(self, off: Fence) -> None:
        """Return when no process can hold a lease any more that is older than ``off``.

        A process that first saw ``off`` some time ago has only the rest to wait.
        """
        while self._fence is not None and _same_step(self._fence, off):
            rest = self.timing.grace_s - self.observed_s()
            if rest <= 0:
                return
            await self._sleep(rest)

    def _adopt(self, fence: Fence, asked_at: float) -> Fence:
        """Take a version of the fence if it is new, and return the newest."""
        known = self._fence
        valid_until = asked_at + fence.lease_s
        if known is not None and fence.deployment == known.deployment:
            if fence.seq < known.seq:
                return known
            # The newer version was current no earlier than either question was asked.
            valid_until = max(valid_until, self._valid_until)
        if known is None or not _same_step(known, fence):
            self._seen_at = self._clock()
        self._fence = fence
        self._valid_until = valid_until
        return fence

    async def note(self) -> None:
        """Renew, and note in the fence what others need to know of this process.

        That is for how long it may use a lease and commit, and that a closed fence is drained.
        """
        # Not a valid one: a longer lease may be what a slow database takes.
        fence = self._fence or await self.renew()
        noted = fence.allowing(self._own.lease_s, self._own.write_deadline_s)
        # Not sooner: a fence that opens again when Redis answers needs no note, and every process
        # would try to write it.
        closed_for_s = 2 * max(self.timing.heal_s, self.timing.grace_s)
        if not (fence.writable or fence.drained) and self.observed_s() >= closed_for_s:
            noted = noted.outlived()
        await (self.renew() if noted is fence else self.compare_and_set(fence, noted))

    async def renew_forever(self, on_error: Callable[[Exception], None]) -> None:
        """Do so for ever; a failure is reported and tried again."""
        while True:
            try:
                await self.note()
            except Exception as error:  # noqa: BLE001 - the lease simply runs out meanwhile
                on_error(error)
            await self._sleep(self.timing.renew_s)


def _same_step(one: Fence, other: Fence) -> bool:
    return (one.deployment, one.namespace, one.state) == (
        other.deployment,
        other.namespace,
        other.state,
    )


def first_fence(run_id: str | None, timing: Timing, origin: str = "") -> Fence:
    """Return the fence of a database that never had one.

    No process can hold an older lease or have a write in flight, so with a Redis at hand
    (``run_id``) it may be open from the start.
    """
    return Fence(
        deployment=new_deployment(),
        seq=1,
        state=State.ON if run_id else State.OFF,
        namespace=1,
        run_id=run_id or "",
        lease_s=timing.lease_s,
        write_deadline_s=timing.write_deadline_s,
        origin=origin,
        drained=not run_id,
    )
