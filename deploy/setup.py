"""What is there before the services: secrets, and a MongoDB that takes writes and knows one user.

Secrets that the environment has are kept as they are, others are made once and kept in a volume.
"""

# ruff: noqa: INP001 - a script of the images, in no package
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure

FIVEFOLD, GRAFANA, SERVER = 1000, 472, 999  # the users of the images that read them
READERS = {
    "JWT_SECRET": FIVEFOLD,
    "ADMIN_TOKEN": FIVEFOLD,
    "JUPYTER_TOKEN": FIVEFOLD,
    "GRAFANA_PASSWORD": GRAFANA,
    "MONGODB_PASSWORD": FIVEFOLD,
    "MONGODB_KEY": SERVER,
    "REDIS_PASSWORD": FIVEFOLD,
}
REDIS_CONF = "REDIS_CONF"
REPLICA_SET, USER = "rs0", "fivefold"
_NOT_ALLOWED, _IS_THERE, _WRONG_PASSWORD = 13, 51003, 18
_DEADLINE_S = 60.0
_LOOK_S = 0.2

Command = Callable[..., Mapping[str, Any]]


def keep_secrets(folder: Path, environ: Mapping[str, str]) -> None:
    """Write a file per secret that only its reader can read; one that is there stays."""
    for name, reader in READERS.items():
        file = folder / name
        given = environ.get(name)
        if given or not file.exists():
            _keep(file, given or _secret(), reader)
    password = (folder / "REDIS_PASSWORD").read_text()
    _keep(folder / REDIS_CONF, f"requirepass {password}\nmasterauth {password}\n", SERVER)


def _secret() -> str:
    # Of letters and digits, which addresses, Redis' configuration and MongoDB's key all take.
    return secrets.token_hex(32)


def _keep(file: Path, text: str, reader: int) -> None:
    draft = file.with_suffix(".new")
    draft.touch(mode=0o400)
    draft.write_text(text)
    os.chown(draft, reader, reader)
    draft.replace(file)


def make_writable(
    command: Command,
    host: str,
    *,
    clock_s: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Make the server a replica set of one unless it is one, and wait until it takes writes.

    ``command`` sends one to the server's admin database, ``host`` is how the others reach it.
    Raises ``TimeoutError``.
    """
    deadline_s = clock_s() + _DEADLINE_S
    while not (state := command("hello"))["isWritablePrimary"]:
        if state.get("isreplicaset"):
            # It was told to be a member of a set that nobody has made yet.
            members = [{"_id": 0, "host": host}]
            command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        if clock_s() > deadline_s:
            raise TimeoutError(f"{host} takes no writes: {state}")
        sleep(_LOOK_S)


def make_user(command: Command, log_in: Callable[[], object], password: str) -> None:
    """Make the user that everything here connects as, unless it is there, and try its password.

    ``command`` is sent without a password, which the server allows on its own machine until it has
    a user. Raises ``PermissionError`` where the user has another password.
    """
    try:
        command("createUser", USER, pwd=password, roles=["root"])
    except OperationFailure as refused:
        if refused.code not in {_NOT_ALLOWED, _IS_THERE}:
            raise
    try:
        log_in()
    except OperationFailure as refused:
        if refused.code != _WRONG_PASSWORD:
            raise
        raise PermissionError(
            "MongoDB's data were made with another password than the volume of secrets holds: "
            "restore that volume, or remove both with: docker compose down --volumes"
        ) from refused


def main() -> None:
    """Do one of them; ``setup.py secrets FOLDER``, then ``setup.py mongo FOLDER HOST:PORT``."""
    what, folder, *hosts = sys.argv[1:]
    if what == "secrets":
        keep_secrets(Path(folder), os.environ)
        return
    password = (Path(folder) / "MONGODB_PASSWORD").read_text()

    def client(**credentials: str) -> MongoClient[dict[str, Any]]:
        return MongoClient(
            "mongodb://127.0.0.1:27017/?directConnection=true",
            serverSelectionTimeoutMS=int(_DEADLINE_S * 1000),
            **credentials,
        )

    with client() as anonymous, client(username=USER, password=password) as user:
        make_writable(anonymous.admin.command, *hosts)
        make_user(anonymous.admin.command, lambda: user.admin.command("ping"), password)


if __name__ == "__main__":
    main()
