"""Find and start MongoDB, or what stands in for it where it is not installed."""

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pymongo.errors import PyMongoError

from benchmarks.stack.errors import EarlyExitError, StackError
from benchmarks.stack.identity import identify_mongo, mongo_client
from benchmarks.stack.launch import launch_server
from benchmarks.stack.ports import HOST, answers
from benchmarks.stack.process import Process
from benchmarks.stack.server import Server

_SIGNS_OF_A_LOCK = ("already being managed by another process", "DBPathInUse", "mongod.lock")


@dataclass(frozen=True)
class MongoProgram:
    """An installed program that speaks MongoDB's protocol."""

    kind: Literal["mongod", "SecantusDB"]
    path: str

    def arguments(self, port: int, data: Path, extra: Sequence[str] = ()) -> list[str]:
        """Return the command line that serves ``data`` on the port, to this machine only."""
        if self.kind == "mongod":
            options = ["--bind_ip", HOST, "--dbpath", str(data), "--nounixsocket"]
            switches = ["--setParameter", "enableTestCommands=1"]
        else:
            # An explicit file, even an empty one, keeps the user's own configuration out.
            config = data.with_name("secantusd.toml")
            options = ["--host", HOST, "--storage-path", str(data), "--config", str(config)]
            switches = ["--enable-test-commands", "--log-level", "WARNING"]
        return [self.path, "--port", str(port), *options, *switches, *extra]


def find_mongo(which: Callable[[str], str | None] = shutil.which) -> MongoProgram:
    """Return mongod from PATH, else SecantusDB's daemon from beside this Python.

    Raises ``StackError`` when neither is there.
    """
    path = which("mongod")
    if path is not None:
        return MongoProgram("mongod", path)
    path = which(str(Path(sys.executable).with_name("secantusd-py")))
    if path is not None:
        return MongoProgram("SecantusDB", path)
    raise StackError(
        "There is no mongod on PATH and no SecantusDB beside this Python; install MongoDB, or "
        'run pip install "fivefold[embedded]" (Python 3.11 to 3.13), or set MONGODB_URL.'
    )


def start_mongo(
    folder: Path,
    *,
    port: int | None = None,
    program: MongoProgram | None = None,
    extra_args: Sequence[str] = (),
) -> Server:
    """Serve the data kept in ``folder``, old or new, with the log beside it.

    Killing the server may lose the last writes, as MongoDB's default write concern allows; give
    SecantusDB ``--sync-on-commit`` among ``extra_args`` where that must not happen.

    Raises ``StackError`` when no program is found, the port is taken, another server still holds
    the data, or it does not get ready.
    """
    program = program or find_mongo()
    data = folder / "mongo"
    data.mkdir(parents=True, exist_ok=True)
    data.with_name("secantusd.toml").touch()
    try:
        return launch_server(
            "mongo",
            program.kind,
            arguments=lambda number: program.arguments(number, data, extra_args),
            probe=_probe,
            identify=identify_mongo,
            url=_url,
            log=folder / "mongo.log",
            port=port,
        )
    except EarlyExitError as error:
        raise _explained(error, data) from error


def _url(port: int) -> str:
    return f"mongodb://{HOST}:{port}/?directConnection=true"


def _probe(port: int, process: Process) -> str | None:
    # The driver looks again only every half second, a plain connection as often as we like.
    if not answers(port):
        return f"nothing listens on port {port}"
    try:
        with mongo_client(_url(port)) as client:
            client.admin.command("ping")
            owner = client.admin.command("serverStatus")["pid"]
    except PyMongoError as error:
        return f"no answer to ping: {error}"
    # Whoever took the port between our choosing it and using it answers just as well.
    return None if process.owns(owner) else f"port {port} answers for process {owner}"


def _explained(error: EarlyExitError, data: Path) -> StackError:
    if any(sign in error.tail for sign in _SIGNS_OF_A_LOCK):
        return StackError(
            f"The data folder {data} is locked by another server; "
            "stop that server or choose another folder."
        )
    return error
