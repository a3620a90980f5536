"""Whether Redis answers sooner than the database would."""

import time
from collections import deque
from collections.abc import Awaitable, Callable

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
