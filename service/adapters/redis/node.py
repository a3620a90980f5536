"""A Redis server, alone or one of several, with all that is needed to use it."""

from collections.abc import Callable

from service.adapters.redis.client import Breaker, connect
from service.adapters.redis.leased import RedisLeasedCache
from service.adapters.redis.limiter import RedisRateLimiter
from service.adapters.redis.shared import RunBoundConnections
from service.coherence.lease import Timing


class Node:
    """A server with a client, a breaker and connections of its own.

    So of several servers one that hangs keeps only those waiting whose keys it holds.
    """

    def __init__(
        self,
        url: str,
        breaker: Breaker,
        timing: Timing,
        *,
        deployment: Callable[[], str],
        deadline_s: float,
    ) -> None:
        self.client = connect(url, deadline_s=deadline_s)
        self.limiter = RedisRateLimiter(self.client, breaker, deployment=deployment)
        self._connections = RunBoundConnections(url)
        self._breaker = breaker
        self._timing = timing
        self._deadline_s = deadline_s

    def cache(self, incarnation: str | None = None) -> RedisLeasedCache:
        """Return the cache in one incarnation of this server, else in the one a fence names."""
        return RedisLeasedCache(
            self._connections,
            self._breaker,
            self._timing,
            deadline_s=self._deadline_s,
            incarnation=incarnation,
        )

    async def aclose(self) -> None:
        """Close every connection to the server."""
        await self._connections.aclose()
        await self.client.aclose()
