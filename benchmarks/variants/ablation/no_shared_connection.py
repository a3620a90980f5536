"""Every command takes a connection of redis-py's pool, and is a write and a read of its own.

Connections are not bound to a run of the server, which makes this a little faster than a pool
that keeps the promise would be.
"""

import sys
from collections.abc import Awaitable, Callable

from fastapi import FastAPI

from service import app as service_app
from service.adapters.redis import node
from service.adapters.redis.client import COMMAND_DEADLINE_S, connect
from service.adapters.redis.endpoint import Command
from service.server import serve


class PooledConnections:
    """In the place of ``RunBoundConnections``: one pool, whatever run is asked for."""

    def __init__(self, url: str) -> None:
        self._client = connect(url, deadline_s=COMMAND_DEADLINE_S)

    def to(self, run_id: str) -> "PooledConnections":
        """Return the pool."""
        del run_id
        return self

    async def call(self, command: Command, *, deadline_s: float) -> object:
        """Return the answer of a command; the deadline is the pool's own."""
        del deadline_s
        execute: Callable[..., Awaitable[object]] = self._client.execute_command
        return await execute(*command)

    async def aclose(self) -> None:
        """Close the pool."""
        await self._client.aclose()


def from_environment() -> FastAPI:
    """Return the service over a pool of connections."""
    setattr(node, "RunBoundConnections", PooledConnections)  # noqa: B010 - not a type's place
    return service_app.from_environment()


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.ablation.no_shared_connection", "from_environment"))
