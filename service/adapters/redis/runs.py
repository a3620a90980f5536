"""Connections that talk to one run of one primary and to no other.

A server that was restarted may hold what was deleted (from a dump), and a replica that took over
may lack what was stored. So connections are bound to the server's *incarnation*: its run id, which
a restart changes, and its replication id, which changes when it takes over or another server's
data. That keeps every command of a namespace on the memory that the namespace lives in.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis.endpoint import Endpoint
from service.adapters.redis.shared import Greet, SharedConnection
from service.coherence.recovery import NotPrimary

KEPT = 2
# Every command that was under way when a connection was given up has ended by then.
RETIRE_AFTER_S = 5.0
_NOTHING = "-"


class RunBoundConnections:
    """A connection for each incarnation of the server that was named lately."""

    def __init__(self, url: str) -> None:
        self._endpoint = Endpoint.from_url(url)
        self._bound: OrderedDict[str, SharedConnection] = OrderedDict()
        self._retired: dict[asyncio.Task[None], SharedConnection] = {}

    def to(self, run_id: str) -> SharedConnection:
        """Return the connection to this incarnation; it is opened by its first command."""
        bound = self._bound.get(run_id)
        if bound is None:
            bound = self._bound[run_id] = SharedConnection(self._endpoint, _greet(run_id))
            if len(self._bound) > KEPT:
                self._retire(self._bound.popitem(last=False)[1])
        return bound

    async def aclose(self) -> None:
        """Close every connection."""
        given_up = dict(self._retired)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        for bound in (*given_up.values(), *self._bound.values()):
            await bound.aclose()

    def _retire(self, bound: SharedConnection) -> None:
        async def close_when_idle() -> None:
            await asyncio.sleep(RETIRE_AFTER_S)
            await bound.aclose()

        task = asyncio.ensure_future(close_when_idle())
        self._retired[task] = bound
        task.add_done_callback(lambda task: self._retired.pop(task, None))


def _greet(run_id: str) -> Greet:
    def greet(info: object) -> None:
        try:
            found = incarnation(parse_info(info))
        except NotPrimary as error:
            raise RedisConnectionError(str(error)) from error
        if found != run_id:
            raise RedisConnectionError(f"another run of the server: {found}")

    return greet


def parse_info(answer: object) -> dict[str, str]:
    """Return the fields of the answer of ``INFO``."""
    text = answer.decode() if isinstance(answer, bytes) else str(answer)
    fields = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in fields}


def incarnation(info: Mapping[str, object]) -> str:
    """Name the server's present memory.

    Raises ``NotPrimary``, and redis-py's ``ConnectionError`` for an answer without a run id.
    """
    if info.get("role", "master") != "master":
        raise NotPrimary("the server is a replica; REDIS_URL must name a primary")
    if not info.get("run_id"):
        raise RedisConnectionError("INFO names no run_id")
    return f"{info['run_id']}:{info.get('master_replid', _NOTHING)}"
