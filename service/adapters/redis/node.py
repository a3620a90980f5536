"""A Redis server, alone or one of several, with all that is needed to use it."""

from collections.abc import Callable

from service.adapters.redis.client import Breaker, connect
from service.adapters.redis.leased import Connections, RedisLeasedCache
from service.adapters.redis.limiter import RedisRateLimiter
from service.adapters.redis.shared import RunBoundConnections, SharedConnection
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
        connections: Connections = self._connections
        if incarnation is not None:
            connections = _Pinned(self._connections, incarnation)
        return RedisLeasedCache(
            connections, self._breaker, self._timing, deadline_s=self._deadline_s
        )

    async def aclose(self) -> None:
        """Close every connection to the server."""
        await self._connections.aclose()
        await self.client.aclose()


class _Pinned:
    """The connections to one incarnation, for a fence that names several servers as one."""

    def __init__(self, connections: RunBoundConnections, incarnation: str) -> None:
        self._connections = connections
        self._incarnation = incarnation

    def to(self, run_id: str) -> SharedConnection:
        """Return the connection to the incarnation; ``run_id`` names all servers together."""
        del run_id
        return self._connections.to(self._incarnation)
