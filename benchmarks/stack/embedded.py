"""Open the MongoDB and the Redis that a run needs, the named ones or our own."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.stack.external import (
    external_mongo,
    external_redis,
    external_redis_or_several,
)
from benchmarks.stack.mongo import start_mongo
from benchmarks.stack.redis import start_redis
from benchmarks.stack.server import Server


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The servers of a run and the temporary folder for its data and logs."""

    mongo: Server
    redis: Server | None
    folder: Path


@contextmanager
def open_stack(
    *, environ: Mapping[str, str], redis: bool = True, several: bool = False
) -> Iterator[Stack]:
    """Use ``MONGODB_URL`` and ``REDIS_URL`` where ``environ`` has them, else start servers.

    With ``redis`` off no Redis is looked for, started or asked; with ``several`` the named one may
    be a cluster or have Sentinels, for whoever only hands its URL on.

    However the block is left, our servers are ended and the folder is removed; use
    ``terminate_as_interrupt`` around it to make that true for SIGTERM. Named servers are never
    touched. Raises ``StackError`` for a named server that does not answer within 2 seconds and for
    one that cannot be started.
    """
    with ExitStack() as cleanup:
        # A child cut off while it was being started may still write there for a moment.
        folder = Path(
            cleanup.enter_context(
                TemporaryDirectory(prefix="fivefold-", ignore_cleanup_errors=True)
            )
        )

        def opened(
            url: str | None, external: Callable[[str], Server], start: Callable[[Path], Server]
        ) -> Server:
            server = external(url) if url else start(folder)
            # The data goes too, and SecantusDB takes two seconds to end in order.
            cleanup.callback(server.discard)
            return server

        mongo = opened(environ.get("MONGODB_URL"), external_mongo, start_mongo)
        named = external_redis_or_several if several else external_redis
        cache = opened(environ.get("REDIS_URL"), named, start_redis) if redis else None
        yield Stack(mongo=mongo, redis=cache, folder=folder)
