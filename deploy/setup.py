"""What has to be there before the services: their secrets, and a MongoDB that takes writes.

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

FIVEFOLD, GRAFANA = 1000, 472  # the users of the images that read them
READERS = {
    "JWT_SECRET": FIVEFOLD,
    "ADMIN_TOKEN": FIVEFOLD,
    "JUPYTER_TOKEN": FIVEFOLD,
    "GRAFANA_PASSWORD": GRAFANA,
}
REPLICA_SET = "rs0"
_DEADLINE_S = 60.0
_LOOK_S = 0.2

Command = Callable[..., Mapping[str, Any]]


def keep_secrets(folder: Path, environ: Mapping[str, str]) -> None:
    """Write a file per secret that only its reader can read; one that is there stays."""
    for name, reader in READERS.items():
        file = folder / name
        given = environ.get(name)
        if not given and file.exists():
            continue
        draft = file.with_suffix(".new")
        draft.touch(mode=0o400)
        draft.write_text(given or secrets.token_urlsafe(48))
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


def main() -> None:
    """Do both; ``setup.py FOLDER HOST:PORT``."""
    folder, host = sys.argv[1:]
    keep_secrets(Path(folder), os.environ)
    timeout_ms = int(_DEADLINE_S * 1000)
    client: MongoClient[dict[str, Any]] = MongoClient(
        f"mongodb://{host}/?directConnection=true", serverSelectionTimeoutMS=timeout_ms
    )
    with client:
        make_writable(client.admin.command, host)


if __name__ == "__main__":
    main()
