"""The service with one of its levers taken out, to see what each brings.

Run as ``FIVEFOLD_ABLATION=no-token-memo python -m benchmarks.variants.ablation``, with the flags of
``python -m service``. A lever is judged in the finished service, since what it brings depends on
what the others left: ``docs/performance.md`` has the table and the command that repeats it.
"""

import gc
import os
import sys
from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI

from service import app as service_app
from service import bootstrap, protocol
from service.adapters.database import DatabaseRepository
from service.adapters.redis import shared
from service.adapters.redis.client import COMMAND_DEADLINE_S, Command, connect
from service.coherence import entries
from service.domain import CachedValue, Snapshot, UserId
from service.ports import CachedValues
from service.security import Claims, Tokens
from service.server import serve

VARIABLE = "FIVEFOLD_ABLATION"
"""The environment variable that names the lever which is taken out."""


class PooledConnections:
    """In the place of ``RunBoundConnections``: one pool for every run.

    Connections are not bound to a run of the server, which makes this a little faster than a pool
    that keeps the promise would be.
    """

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


class EagerWire(shared.Wire):
    """Writes a command as soon as it is asked."""

    def ask(self, command: Command, deadline_s: float) -> shared.Answer:
        """Write the command and return where its answer will be."""
        answer = super().ask(command, deadline_s)
        self._leave()
        return answer


class ForgetfulTokens(Tokens):
    """Remembers no token."""

    def verify(self, token: str) -> Claims:
        """Verify the token as if it were new."""
        return self._verify(token)


class SequentialRepository(DatabaseRepository):
    """One find after the other."""

    async def read(self, user_id: UserId, kinds: CachedValues) -> Snapshot:
        """Find the account and, for a user that exists, the todos."""
        if len(kinds) == 1:
            return await super().read(user_id, kinds)
        account = (await super().read(user_id, (CachedValue.USER,))).account
        todos = (await super().read(user_id, (CachedValue.TODOS,))).todos if account else None
        return Snapshot(account, todos)


REPLACED: Mapping[str, tuple[object, str, object]] = {
    "no-busy-reads": (service_app, "BusyReads", lambda app, *_: app),
    "no-whole-answers": (protocol, "WholeAnswer", lambda app, _: app),
    "no-shared-connection": (shared, "RunBoundConnections", PooledConnections),
    "no-coalesced-writes": (shared, "Wire", EagerWire),
    "no-token-memo": (bootstrap, "Tokens", ForgetfulTokens),
    "no-decoded-memo": (entries, "DECODED", 0),
    "no-frozen-heap": (gc, "freeze", lambda: None),
    "no-concurrent-finds": (bootstrap, "DatabaseRepository", SequentialRepository),
}
"""The name of a module that means something else without the lever."""
SERVED_OTHERWISE = {"no-httptools", "no-uvloop"}
"""What uvicorn is told of, and the application is not."""


def from_environment() -> FastAPI:
    """Return the service without the lever that the environment names; raises ``KeyError``."""
    lever = os.environ[VARIABLE]
    if lever not in SERVED_OTHERWISE:
        setattr(*REPLACED[lever])
    return service_app.from_environment()


if __name__ == "__main__":
    sys.exit(
        serve(
            "benchmarks.variants.ablation",
            "from_environment",
            loop="asyncio" if os.environ[VARIABLE] == "no-uvloop" else "auto",
            # h11 is written in Python.
            http="h11" if os.environ[VARIABLE] == "no-httptools" else "auto",
        )
    )
