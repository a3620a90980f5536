"""What ``fivefold verify`` does, with clients that pause and services that hash fast."""

import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.coherence.clients import Client, Load, OneRequest, User, register
from benchmarks.coherence.fleet import Fleet, FleetPlan, running_fleet
from benchmarks.coherence.verify.run import Options
from benchmarks.measure.client import Connection
from benchmarks.stack.embedded import Stack
from benchmarks.stack.server import mongo_client
from benchmarks.variants.registry import CACHING
from tests.light_service import MODULE as LIGHT

MODULES = {"cached": LIGHT, "naive": CACHING["naive"].module}
_NUMBERS = itertools.count(1000)
"""Of users that no run has."""
# Eight clients without a pause keep both cores busy for as long as the run takes.
_CLIENTS, _PAUSE_S = 8, 0.03


def options_of(variant: str, **options: Any) -> Options:
    """Return the options of a run in which at least one fault strikes."""
    usual = {"least_faults": 1, "pause_s": _PAUSE_S, "clients": _CLIENTS}
    return Options(module=MODULES[variant], env=CACHING[variant].env, **usual | options)


@contextmanager
def fleet_of(
    variant: str, servers: Stack, folder: Path, *, workers: int, one_address: bool = False
) -> Iterator[Fleet]:
    """Run a fleet on a database of its own."""
    plan = FleetPlan(
        module=MODULES[variant],
        workers=workers,
        mongo_url=servers.mongo.url,
        database=f"test_{uuid.uuid4().hex}",
        folder=folder,
        one_address=one_address,
    )
    with running_fleet(plan) as fleet:
        yield fleet
    with mongo_client(servers.mongo.url) as client:
        client.drop_database(plan.database)


@contextmanager
def client_of(fleet: Fleet) -> Iterator[Client]:
    """Yield a client of a new user that does what it is told."""
    user = User(next(_NUMBERS))
    register([user], fleet.endpoints[0])
    connect = Connection if fleet.balancer is None else OneRequest
    load = Load(urls=fleet.endpoints, users=[user], seed=1, connect=connect)
    client = Client(load, 0, itertools.count(1))
    client.log_in()
    yield client
    client.close()
