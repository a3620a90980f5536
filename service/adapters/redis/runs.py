"""Redis clients that talk to one run of one primary and to no other.

A server that was restarted may hold what was deleted (from a dump), and a replica that took over
may lack what was stored. So connections are bound to the server's *incarnation*: its run id, which
a restart changes, and its replication id, which changes when it takes over or another server's
data. That keeps every command of a namespace on the memory that the namespace lives in.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis.client import COMMAND_DEADLINE_S, connect

PATIENCE = 5
KEPT = 2
# Every command that was under way when a pair was given up has ended by then.
RETIRE_AFTER_S = 5.0
_NOTHING = "-"


class RunBoundClients:
    """A pair of clients for each incarnation of the server that was named lately.

    ``reading`` fails within ``deadline_s`` seconds, since the database is there instead.
    ``writing`` waits :data:`PATIENCE` times as long, since giving up closes the fence.
    """

    def __init__(self, url: str, *, deadline_s: float = COMMAND_DEADLINE_S) -> None:
        self._url = url
        self._deadline_s = deadline_s
        self._bound: OrderedDict[str, _Bound] = OrderedDict()
        self._retired: dict[asyncio.Task[None], _Bound] = {}

    def reading(self, run_id: str) -> Redis:
        """Return a client for reads and fills."""
        return self._for(run_id).reading

    def writing(self, run_id: str) -> Redis:
        """Return a client for marks and clears."""
        return self._for(run_id).writing

    async def aclose(self) -> None:
        """Close every connection."""
        given_up = dict(self._retired)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        for bound in (*given_up.values(), *self._bound.values()):
            await bound.aclose()

    def _for(self, run_id: str) -> "_Bound":
        bound = self._bound.get(run_id)
        if bound is None:
            bound = self._bound[run_id] = _Bound(self._url, run_id, self._deadline_s)
            if len(self._bound) > KEPT:
                self._retire(self._bound.popitem(last=False)[1])
        return bound

    def _retire(self, bound: "_Bound") -> None:
        async def close_when_idle() -> None:
            await asyncio.sleep(RETIRE_AFTER_S)
            await bound.aclose()

        task = asyncio.ensure_future(close_when_idle())
        self._retired[task] = bound
        task.add_done_callback(lambda task: self._retired.pop(task, None))


class _Bound:
    def __init__(self, url: str, run_id: str, deadline_s: float) -> None:
        greet = _greeting(run_id)
        self.reading = connect(url, deadline_s=deadline_s, greet=greet)
        self.writing = connect(url, deadline_s=deadline_s * PATIENCE, greet=greet)

    async def aclose(self) -> None:
        await self.reading.aclose()
        await self.writing.aclose()


def _greeting(run_id: str) -> Callable[[AbstractConnection], Awaitable[None]]:
    async def greet(connection: AbstractConnection) -> None:
        await connection.on_connect()
        await connection.send_command("INFO")
        found = incarnation(parse_info(await connection.read_response()))
        if found != run_id:
            raise RedisConnectionError(f"another run of the server: {found}")

    return greet


def parse_info(answer: object) -> dict[str, str]:
    """Return the fields of the answer of ``INFO``."""
    text = answer.decode() if isinstance(answer, bytes) else str(answer)
    fields = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in fields}


def incarnation(info: Mapping[str, object]) -> str:
    """Name the server's present memory; raises ``ConnectionError`` for a replica.

    A replica's memory is another server's, as it was some time ago.
    """
    if info.get("role", "master") != "master":
        raise RedisConnectionError("the server is a replica; REDIS_URL must name a primary")
    if not info.get("run_id"):
        raise RedisConnectionError("INFO names no run_id")
    return f"{info['run_id']}:{info.get('master_replid', _NOTHING)}"
