"""Opening the fence again, one state at a time, once Redis can be trusted and is worth asking."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from service.coherence.fence import DROPPED, Fence, State
from service.coherence.lease import Lease, Sleep, boot_clock

LOOKS = 10
FACTOR = 2.0
MARGIN_S = 0.001


class RedisPace:
    """Compare how long Redis and the database take to answer, whenever it is asked to look.

    ``redis`` and ``database`` ask a small question and return, or raise; ``clock`` gives monotonic
    seconds. The shortest of the last :data:`LOOKS` answers of each counts: what a busy process
    adds to an answer says nothing of the servers.
    """

    def __init__(
        self,
        redis: Callable[[], Awaitable[object]],
        database: Callable[[], Awaitable[object]],
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._redis = redis
        self._database = database
        self._clock = clock
        self._took: deque[tuple[float, float]] = deque(maxlen=LOOKS)

    async def too_slow(self) -> bool:
        """Look once more, and tell whether all looks found Redis not worth being asked.

        That is when it takes more than :data:`FACTOR` times as long as the database, or does not
        answer at all. Raises what ``database`` raises: then nothing can be compared.
        """
        self._took.append((await self._timed_redis(), await self._timed(self._database)))
        redis_s, database_s = map(min, zip(*self._took, strict=True))
        full = len(self._took) == LOOKS
        return full and bool(redis_s > FACTOR * database_s + MARGIN_S)

    async def _timed_redis(self) -> float:
        try:
            return await self._timed(self._redis)
        except Exception:  # noqa: BLE001 - whatever keeps Redis from answering, it takes for ever
            return float("inf")

    async def _timed(self, ask: Callable[[], Awaitable[object]]) -> float:
        asked_at = self._clock()
        await ask()
        return self._clock() - asked_at


Probe = Callable[[], Awaitable[str]]
MAX_BACKOFF = 16
_ELSEWHERE = "-"


class NotPrimary(Exception):
    """The server answers and holds another server's data, as it was some time ago."""


class RecoveryMonitor:
    """Watch Redis and move the fence ``off -> arm -> on``; close it when the server was replaced.

    Every process runs one; the fence's compare-and-set lets one of them win each step. ``probe``
    returns the run id of the server, or raises, ``NotPrimary`` for a replica. While ``pace``
    says that Redis is too slow the fence is closed as well, so that neither a read nor a write
    waits for it. A fence that closes again soon after it was armed stays closed twice as long
    the next time, so that one process with a broken path to Redis does not make the whole
    deployment flap.
    """

    def __init__(
        self,
        lease: Lease,
        probe: Probe,
        pace: RedisPace | None = None,
        *,
        clock: Callable[[], float] = boot_clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._lease = lease
        self._probe = probe
        self._pace = pace
        self._clock = clock
        self._sleep = sleep
        self._answering: tuple[str, float] | None = None
        self._pin: tuple[int, float] = (-1, 0.0)
        self._tried_since: float | None = None
        self._drops = 0
        self._backoff = 1

    async def run(self, on_error: Callable[[Exception], None]) -> None:
        """Take a step every ``renew_s`` for ever; a failure is reported and tried again."""
        while True:
            try:
                await self.step()
            except Exception as error:  # noqa: BLE001 - the fence stays as it is meanwhile
                on_error(error)
            await self._sleep(self._lease.timing.renew_s)

    async def step(self) -> None:
        """Look at Redis and at the fence, and move the fence by at most one state."""
        run_id = await self._look()
        slow = self._pace is not None and await self._pace.too_slow()
        fence = await self._lease.current()
        self._watch(fence)
        match fence.state:
            case State.OFF if not slow and self._may_arm(fence, run_id):
                await self._lease.compare_and_set(fence, fence.armed(run_id))
            case State.ARM if run_id == fence.run_id and self._may_open():
                await self._lease.compare_and_set(fence, fence.opened())
            case State.ARM | State.ON if run_id not in ("", fence.run_id):
                await self._lease.compare_and_set(fence, fence.fenced("new-run"))
            case State.ARM | State.ON if slow:
                await self._lease.compare_and_set(fence, fence.fenced("slow"))

    async def _look(self) -> str:
        """Return the server's run id, empty while it does not answer."""
        try:
            run_id = await self._probe()
        except NotPrimary:
            self._answering = None
            return _ELSEWHERE
        except Exception:  # noqa: BLE001 - whatever keeps Redis from answering, it is not there
            self._answering = None
            return ""
        if self._answering is None or self._answering[0] != run_id:
            self._answering = run_id, self._clock()
        return run_id

    def _may_arm(self, fence: Fence, run_id: str) -> bool:
        if not run_id or self._answering is None or self._pinned(fence):
            return False
        timing = self._lease.timing
        steady_s = min(self._clock() - self._answering[1], self._lease.observed_s())
        return steady_s >= max(timing.heal_s * self._backoff, timing.grace_s)

    def _may_open(self) -> bool:
        """Tell whether every writer that believed ``off`` has committed or given up.

        That it is ``arm`` and no longer ``off`` all processes know after ``grace_s``; a commit that
        began before takes no longer than its deadline.
        """
        timing = self._lease.timing
        return self._lease.observed_s() >= timing.grace_s + timing.write_deadline_s

    def _pinned(self, fence: Fence) -> bool:
        """Tell whether a process without Redis was at work within the last write deadline."""
        if fence.pin != self._pin[0]:
            self._pin = fence.pin, self._clock()
        known_for_s = self._clock() - self._pin[1]
        return fence.pin > 0 and known_for_s < self._lease.timing.write_deadline_s

    def _watch(self, fence: Fence) -> None:
        """Note how long the fence stays in use, and be slower to try one that closes soon.

        Armed is in use: where writes go on, a broken path closes the fence before it opens. That
        an operator dropped the namespace says nothing of the path.
        """
        drops, self._drops = self._drops, fence.fences.get(DROPPED, 0)
        if fence.writable and self._tried_since is None:
            self._tried_since = self._clock()
        elif not fence.writable and self._tried_since is not None:
            calm = self._clock() - self._tried_since > self._lease.timing.heal_s * MAX_BACKOFF
            if fence.fences.get(DROPPED, 0) == drops:
                self._backoff = 1 if calm else min(self._backoff * 2, MAX_BACKOFF)
            self._tried_since = None
