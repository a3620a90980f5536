"""The service with one of its levers taken out, to see what each brings.

Run as ``FIVEFOLD_ABLATION=no-token-memo python -m benchmarks.variants.ablation``, with the flags of
``python -m service``. A lever is judged in the finished service, since what it brings depends on
what the others left: ``docs/performance.md`` has the table and the command that repeats it.
"""

import gc
import os
import sys
from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from starlette.types import ASGIApp

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


def no_busy_reads() -> FastAPI:
    """Have every request pass through FastAPI: its request object, exit stacks and dependencies."""

    def nothing_ahead(app: ASGIApp, *_: object) -> ASGIApp:
        return app

    return _with(service_app, "BusyReads", nothing_ahead)


def no_whole_answers() -> FastAPI:
    """Have uvicorn look through each header and write head and body apart."""

    def sent_by_uvicorn(app: ASGIApp, _: object) -> ASGIApp:
        return app

    return _with(protocol, "WholeAnswer", sent_by_uvicorn)


def no_shared_connection() -> FastAPI:
    """Take a connection of redis-py's pool for every command, a write and a read of its own.

    Connections are not bound to a run of the server, which makes this a little faster than a pool
    that keeps the promise would be.
    """
    return _with(shared, "RunBoundConnections", PooledConnections)


def no_coalesced_writes() -> FastAPI:
    """Have one connection, but let each command leave in a write of its own."""
    return _with(shared, "Wire", EagerWire)


def no_token_memo() -> FastAPI:
    """Verify the signature and the claims of every request's token."""
    return _with(bootstrap, "Tokens", ForgetfulTokens)


def no_decoded_memo() -> FastAPI:
    """Decode the account anew on every hit."""
    return _with(entries, "DECODED", 0)


def no_frozen_heap() -> FastAPI:
    """Let the garbage collector look through all that was made before the first request."""
    app = service_app.from_environment()
    gc.unfreeze()
    return app


def no_concurrent_finds() -> FastAPI:
    """Ask for the account first and for the todos after, without a cache."""
    return _with(bootstrap, "DatabaseRepository", SequentialRepository)


def _with(module: object, name: str, value: object) -> FastAPI:
    """Return the service in which a name of a module means something else."""
    setattr(module, name, value)
    return service_app.from_environment()


class PooledConnections:
    """In the place of ``RunBoundConnections``: one pool for every run."""

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


def main() -> int:
    """Serve without the lever that the environment names; return the exit code."""
    lever = os.environ[VARIABLE]
    if lever == "no-httptools":  # but with h11, which is written in Python
        return serve("service.app", "from_environment", http="h11")
    if lever == "no-uvloop":
        return serve("service.app", "from_environment", loop="asyncio")
    return serve("benchmarks.variants.ablation", lever.replace("-", "_"))


if __name__ == "__main__":
    sys.exit(main())
