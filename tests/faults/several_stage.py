"""The stage of ``tests.faults`` on several Redis servers: no proxies, another URL."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pymongo import MongoClient

from benchmarks.stack.embedded import Stack
from benchmarks.verify.fleet import Fleet, OwnRedis, Plan
from tests.faults.stage import Stage
from tests.light_service import MODULE

WORKERS = 2


@dataclass(frozen=True)
class _Door:
    """What a fleet has of a proxy, where there is none."""

    url: str


@contextmanager
def staged_on(
    redis_url: str, servers: Stack, folder: Path, *, module: str = MODULE
) -> Iterator[Stage]:
    """Run a fleet on these Redis servers and on a database of its own."""
    name = f"cluster_{uuid.uuid4().hex[:16]}"
    plan = Plan(
        module=module,
        workers=WORKERS,
        mongo_url=servers.mongo.url,
        database=name,
        folder=folder,
    )
    client: MongoClient[dict[str, object]] = MongoClient(servers.mongo.url)
    with client, ExitStack() as exits:
        exits.callback(client.drop_database, name)
        doors = cast(Any, [_Door(redis_url)] * WORKERS)
        fleet = Fleet(plan, cast(OwnRedis, None), doors)
        exits.callback(fleet.discard)
        fleet.start()
        yield Stage(fleet, lambda: client.drop_database(name), exits)
