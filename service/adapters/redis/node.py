"""A Redis server, alone or one of several, with all that is needed to use it."""

from service.adapters.redis.client import Breaker, connect
from service.adapters.redis.leased import Memory
from service.adapters.redis.limiter import Counts
from service.adapters.redis.shared import RunBoundConnections


class Node:
    """A server with a client, a breaker and connections of its own.

    So of several servers one that hangs keeps only those waiting whose keys it holds.
    """

    def __init__(self, url: str, breaker: Breaker, *, deadline_s: float) -> None:
        self.client = connect(url, deadline_s=deadline_s)
        self._breaker = breaker
        self._connections = RunBoundConnections(url)

    def memory(self, incarnation: str) -> Memory:
        """Return the way to one incarnation of this server."""
        return self._connections.to(incarnation), self._breaker

    def counts(self) -> Counts:
        """Return the way to what this server counts, whichever incarnation it is."""
        return self.client, self._breaker

    async def aclose(self) -> None:
        """Close every connection to the server."""
        await self._connections.aclose()
        await self.client.aclose()
