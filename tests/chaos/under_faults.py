"""What ``fivefold verify`` does, with services that hash fast and one fault after the other."""

import itertools
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.coherence.clients import Client, User, register
from benchmarks.coherence.fleet import Fleet, FleetPlan, running_fleet
from benchmarks.coherence.summary import Summary, summarize
from benchmarks.coherence.verify.faults import Fault, Planned
from benchmarks.coherence.verify.run import observe
from benchmarks.stack.embedded import Stack
from benchmarks.stack.server import mongo_client
from benchmarks.variants.registry import CACHING
from tests.light_service import MODULE as LIGHT
from tests.waiting import until

VARIANTS = {"cached": replace(CACHING["cached"], module=LIGHT), "naive": CACHING["naive"]}
_NUMBERS = itertools.count(1000)
"""Of users that no run has."""
# Eight clients without a pause keep both cores busy for as long as the run takes.
_CLIENTS, _PAUSE_S = 8, 0.03


@contextmanager
def fleet_of(
    variant: str, servers: Stack, folder: Path, *, workers: int, one_address: bool = False
) -> Iterator[Fleet]:
    """Run a fleet on a database of its own."""
    plan = FleetPlan(
        module=VARIANTS[variant].module,
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
    register([user], fleet.urls[0])
    client = Client(fleet.load([user], seed=1), 0, itertools.count(1))
    client.log_in()
    yield client
    client.close()


def reads_from_redis(client: Client) -> None:
    """Have a client read its list until the answer comes from Redis."""

    def hit() -> bool:
        client.act("list")
        return client.operations[-1].hit

    until(hit, "answer from Redis")


def planned(fault: Fault, *, hold_s: float = 0, worker: int | None = None) -> Planned:
    return Planned(fault=fault, hold_s=hold_s, every_s=0, worker=worker)


def summary_under(fleet: Fleet, faults: Iterable[Fault]) -> Summary:
    """Return what a load found while one fault after the other struck, each in a working cache."""

    def due() -> Iterator[Planned]:
        with client_of(fleet) as client:
            for fault in faults:
                reads_from_redis(client)
                yield planned(fault, hold_s=0.5, worker=0)
            reads_from_redis(client)

    history = observe(fleet, due(), seed=1, clients=_CLIENTS, pause_s=_PAUSE_S)
    return summarize(history, variant="cached")
