"""The processes: two cached, one uncached, one that was started without Redis; a Redis to break.

All that a run of the machine breaks is put back between its examples, so that each begins alike.
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo.collection import Collection

from benchmarks.coherence.clients import request
from benchmarks.coherence.fleet import INTERVALS, Fleet, FleetPlan, running_fleet
from benchmarks.measure.client import Connection, Response
from benchmarks.stack.process import Process
from benchmarks.stack.server import mongo_client
from benchmarks.stack.service import start_service
from service.adapters.redis.shared import incarnation
from tests.light_service import MODULE

WORKERS = (0, 1)
"""The cached processes, each with a path of its own to Redis."""
_LEASE_S = float(INTERVALS["CACHE_LEASE_SECONDS"])


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What every deployment stands beside: the database server, and the uncached service."""

    mongo_url: str
    folder: Path
    uncached: Connection
    reference: ThreadPoolExecutor
    """The one thread that asks the uncached service."""


@dataclass(frozen=True, kw_only=True)
class StatefulVariant:
    """What to run as the cached side."""

    module: str = MODULE
    env: Mapping[str, str] = field(default_factory=dict)
    without_redis: bool = True
    """Whether a process that was started without Redis is at hand."""


class StatefulDeployment:
    """The cached side of one variant, with the ground that it stands on."""

    def __init__(
        self,
        ground: Ground,
        fleet: Fleet,
        fences: Collection[dict[str, Any]],
        cached: list[Connection],
        outsider: "Outsider | None",
    ) -> None:
        self.ground = ground
        self.fleet = fleet
        self.cached = cached
        self.outsider = outsider
        self._fences = fences
        self._warm: list[bytes] = []

    def switch(self, worker: int, *, enabled: bool) -> Response:
        """Turn the cache on or off through this process."""
        body = {"enabled": enabled}
        sent = request("PUT", "/admin/cache", token=self.fleet.admin_token, body=body)
        return self.cached[worker].send(sent)

    def reset(self) -> None:
        """Open the fence by hand, which spares the seconds of healing; nobody else is at work.

        A process that is asked for the state takes a new lease, so none acts on what was before.
        """
        if self.outsider is not None:
            self.outsider.outlive_its_lease()
        with self.fleet.redis.client() as redis:
            run_id = incarnation(redis.info())
        while (fence := self._fences.find_one()) is not None:
            seq = fence["seq"] + 1
            opened = {"seq": seq, "namespace": seq, "state": "on", "run_id": run_id}
            current = {"_id": fence["_id"], "seq": fence["seq"]}
            changes = {"$set": opened | {"enabled": True}}
            if self._fences.update_one(current, changes).matched_count:
                break
        for connection in self.cached:
            answer = connection.send(request("GET", "/admin/cache", token=self.fleet.admin_token))
            assert answer.status == 200, answer
            self._write(connection)

    def _write(self, connection: Connection) -> None:
        """Write something of nobody's concern, after which the process knows that Redis is back."""
        if not self._warm:
            account = {"name": "x", "email": f"{uuid.uuid4().hex}@example.org", "password": "x" * 8}
            connection.send(request("POST", "/auth/register", body=account))
            del account["name"]
            answer = connection.send(request("POST", "/auth/login", body=account))
            token = json.loads(answer.body)["access_token"]
            self._warm.append(request("PATCH", "/auth/me", token=token, body={"name": "y"}))
        answer = connection.send(self._warm[0])
        assert answer.status == 200, answer


class Outsider:
    """A process without Redis, frozen but for the moments in which it is asked something."""

    def __init__(self, process: Process, connection: Connection) -> None:
        self.connection = connection
        self._process = process
        self._frozen_at = 0.0
        self._freeze()

    @contextmanager
    def awake(self) -> Iterator[Connection]:
        self._process.resume()
        yield self.connection
        self._freeze()

    def outlive_its_lease(self) -> None:
        """Wait until it cannot act on what it knew when it was frozen."""
        time.sleep(max(0.0, self._frozen_at + _LEASE_S - time.monotonic()))

    def _freeze(self) -> None:
        self._process.pause()
        self._frozen_at = time.monotonic()


@contextmanager
def open_ground(mongo_url: str, folder: Path) -> Iterator[Ground]:
    """Start the uncached service."""
    with ExitStack() as cleanup:
        reference = cleanup.enter_context(ThreadPoolExecutor(1))
        service = start_service(
            mongo_url=mongo_url,
            database=cleanup.enter_context(_database(mongo_url)),
            redis_url=None,
            log=folder / "uncached.log",
            env={"ENVIRONMENT": "development", "RATE_LIMIT_ENABLED": "false"},
            module=MODULE,
        )
        url = cleanup.enter_context(service).url
        uncached = cleanup.enter_context(Connection(url))
        yield Ground(mongo_url=mongo_url, folder=folder, uncached=uncached, reference=reference)


@contextmanager
def running(ground: Ground, variant: StatefulVariant) -> Iterator[StatefulDeployment]:
    """Run a cached side."""
    with ExitStack() as cleanup:
        database = cleanup.enter_context(_database(ground.mongo_url))
        folder = ground.folder / database
        plan = FleetPlan(
            module=variant.module,
            workers=len(WORKERS),
            mongo_url=ground.mongo_url,
            database=database,
            folder=folder,
            env=variant.env,
        )
        fleet = cleanup.enter_context(running_fleet(plan))
        outsider = None
        if variant.without_redis:
            service = cleanup.enter_context(
                start_service(
                    mongo_url=ground.mongo_url,
                    database=database,
                    redis_url=None,
                    log=folder / "outsider.log",
                    env=fleet._env,
                    module=variant.module,
                )
            )
            # The last thing in is the first thing out: nobody needs an orderly end.
            cleanup.callback(service.process.kill)
            connection = cleanup.enter_context(Connection(service.url))
            outsider = Outsider(service.process, connection)
        cached = [cleanup.enter_context(Connection(url)) for url in fleet.urls]
        client = cleanup.enter_context(mongo_client(ground.mongo_url))
        fences = client[database]["cache_fence"]
        yield StatefulDeployment(ground, fleet, fences, cached, outsider)


@contextmanager
def _database(mongo_url: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    yield name
    with mongo_client(mongo_url) as client:
        client.drop_database(name)
