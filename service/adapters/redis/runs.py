"""Redis clients that talk to one run of one server and to no other.

A server that was restarted may hold what was deleted (from a dump), and a replica that took over
may lack what was stored. Both have another run id, so binding connections to the run id keeps
every command of a namespace on the one server whose memory the namespace lives in.
"""

import asyncio
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis.client import COMMAND_DEADLINE_S, connect

PATIENCE = 5


class RunBoundClients:
    """A pair of clients for the run of the server that the present fence names.

    ``reading`` fails within ``deadline_s`` seconds, since the database is there instead.
    ``writing`` waits :data:`PATIENCE` times as long, since giving up closes the fence.
    """

    def __init__(self, url: str, *, deadline_s: float = COMMAND_DEADLINE_S) -> None:
        self._url = url
        self._deadline_s = deadline_s
        self._bound = _Bound(url, "", deadline_s)
        self._retired: set[asyncio.Task[None]] = set()

    def reading(self, run_id: str) -> Redis:
        """Return a client for reads and fills."""
        return self._for(run_id).reading

    def writing(self, run_id: str) -> Redis:
        """Return a client for marks and clears."""
        return self._for(run_id).writing

    async def aclose(self) -> None:
        """Close every connection."""
        await self._bound.aclose()
        await asyncio.gather(*self._retired, return_exceptions=True)

    def _for(self, run_id: str) -> "_Bound":
        if run_id != self._bound.run_id:
            task = asyncio.ensure_future(self._bound.aclose())
            self._retired.add(task)
            task.add_done_callback(self._retired.discard)
            self._bound = _Bound(self._url, run_id, self._deadline_s)
        return self._bound


class _Bound:
    def __init__(self, url: str, run_id: str, deadline_s: float) -> None:
        self.run_id = run_id
        greet = _greeting(run_id)
        self.reading = connect(url, deadline_s=deadline_s, greet=greet)
        self.writing = connect(url, deadline_s=deadline_s * PATIENCE, greet=greet)

    async def aclose(self) -> None:
        await self.reading.aclose()
        await self.writing.aclose()


def _greeting(run_id: str) -> Callable[[AbstractConnection], Awaitable[None]]:
    async def greet(connection: AbstractConnection) -> None:
        await connection.on_connect()
        await connection.send_command("INFO", "server")
        found = run_id_of(await connection.read_response())
        if found != run_id:
            raise RedisConnectionError(f"another run of the server: {found}")

    return greet


def run_id_of(info: object) -> str:
    """Return the run id in the answer of ``INFO server``."""
    text = info.decode() if isinstance(info, bytes) else str(info)
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == "run_id":
            return value.strip()
    raise RedisConnectionError("INFO server names no run id")
