"""The processes: two cached, one uncached, one that was started without Redis; a Redis to break.

All that a run of the machine breaks is put back between its examples, so that each begins alike.
"""

import json
import secrets
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo.collection import Collection

from benchmarks.coherence.clients import request
from benchmarks.coherence.fleet import OwnRedis
from benchmarks.measure.client import Connection, Response
from benchmarks.stack.process import Process
from benchmarks.stack.proxy import FaultProxy, start_proxy
from benchmarks.stack.server import mongo_client
from benchmarks.stack.service import start_service
from service.adapters.redis.shared import incarnation
from tests.light_service import MODULE

LEASE_S, DEADLINE_S = 0.3, 0.6
WORKERS = (0, 1)
"""The cached processes, each with a path of its own to Redis."""
_ADMIN = secrets.token_urlsafe(24)
_PATIENCE_S = 60.0
# Much shorter than a renewal: who asks at once may be ahead of who hears of it last.
_POLL_S = 0.005


def _environment() -> dict[str, str]:
    return {
        "CACHE_LEASE_SECONDS": str(LEASE_S),
        "CACHE_HEAL_SECONDS": "0.1",
        "DATABASE_DEADLINE_SECONDS": str(DEADLINE_S),
        "ENVIRONMENT": "development",
        "RATE_LIMIT_ENABLED": "false",
        "ADMIN_TOKEN": _ADMIN,
        "JWT_SECRET": secrets.token_urlsafe(48),
        "LOG_LEVEL": "ERROR",
    }


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What every deployment stands on: the servers, the paths to Redis, and the reference."""

    mongo_url: str
    redis: OwnRedis
    proxies: tuple[FaultProxy, ...]
    folder: Path
    uncached: Connection
    reference: ThreadPoolExecutor
    """The one thread that asks the uncached service."""
    starters: ThreadPoolExecutor


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
        fences: Collection[dict[str, Any]],
        cached: list[Connection],
        outsider: "Outsider | None",
    ) -> None:
        self.ground = ground
        self.cached = cached
        self.outsider = outsider
        self._fences = fences
        self._warm: list[bytes] = []

    def switch(self, worker: int, *, enabled: bool) -> Response:
        """Turn the cache on or off through this process."""
        sent = request("PUT", "/admin/cache", token=_ADMIN, body={"enabled": enabled})
        return self.cached[worker].send(sent)

    def reset(self) -> None:
        """Open the fence by hand, which spares the seconds of healing; nobody else is at work.

        A process that is asked for the state takes a new lease, so none acts on what was before.
        """
        if self.outsider is not None:
            self.outsider.outlive_its_lease()
        with self.ground.redis.client() as redis:
            run_id = incarnation(redis.info())
        while (fence := self._fences.find_one()) is not None:
            seq = fence["seq"] + 1
            opened = {"seq": seq, "namespace": seq, "state": "on", "run_id": run_id}
            current = {"_id": fence["_id"], "seq": fence["seq"]}
            changes = {"$set": opened | {"enabled": True}}
            if self._fences.update_one(current, changes).matched_count:
                break
        for connection in self.cached:
            answer = connection.send(request("GET", "/admin/cache", token=_ADMIN))
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
        time.sleep(max(0.0, self._frozen_at + LEASE_S - time.monotonic()))

    def _freeze(self) -> None:
        self._process.pause()
        self._frozen_at = time.monotonic()


@contextmanager
def open_ground(mongo_url: str, folder: Path) -> Iterator[Ground]:
    """Start Redis, its proxies and the uncached service."""
    with ExitStack() as cleanup:
        redis = OwnRedis(folder / "redis")
        cleanup.callback(redis.discard)
        proxies = []
        for worker in WORKERS:
            proxy = start_proxy(redis.server.url, log=folder / f"proxy-{worker}.log")
            cleanup.callback(proxy.stop)
            proxies.append(proxy)
        # A process ends with the thread that started it: these threads stay.
        starters = cleanup.enter_context(ThreadPoolExecutor(len(WORKERS) + 1))
        reference = cleanup.enter_context(ThreadPoolExecutor(1))
        database = cleanup.enter_context(_database(mongo_url))
        service = start_service(
            mongo_url=mongo_url,
            database=database,
            redis_url=None,
            log=folder / "uncached.log",
            env=_environment() | {"DATABASE_DEADLINE_SECONDS": str(5 * DEADLINE_S)},
            module=MODULE,
        )
        url = cleanup.enter_context(service).url
        uncached = cleanup.enter_context(Connection(url))
        yield Ground(
            mongo_url=mongo_url,
            redis=redis,
            proxies=tuple(proxies),
            folder=folder,
            uncached=uncached,
            reference=reference,
            starters=starters,
        )


@contextmanager
def running(ground: Ground, variant: StatefulVariant) -> Iterator[StatefulDeployment]:
    """Run a cached side, all its processes started at once."""
    with ExitStack() as cleanup:
        database = cleanup.enter_context(_database(ground.mongo_url))
        env = _environment() | dict(variant.env)

        def started(redis_url: str | None, name: str) -> tuple[Process, str]:
            service = start_service(
                mongo_url=ground.mongo_url,
                database=database,
                redis_url=redis_url,
                log=ground.folder / f"{name}.log",
                env=env,
                name=name,
                module=variant.module,
            )
            entered = cleanup.enter_context(service)
            # The last thing in is the first thing out: nobody needs an orderly end.
            cleanup.callback(entered.process.kill)
            return entered.process, entered.url

        paths: list[str | None] = [proxy.url for proxy in ground.proxies]
        paths += [None] * variant.without_redis
        names = [f"cached-{number}" for number in range(len(paths))]
        processes = list(ground.starters.map(started, paths, names))
        connections = [cleanup.enter_context(Connection(url)) for _, url in processes]
        outsider = None
        if variant.without_redis:
            outsider = Outsider(processes[-1][0], connections.pop())
        client = cleanup.enter_context(mongo_client(ground.mongo_url))
        yield StatefulDeployment(ground, client[database]["cache_fence"], connections, outsider)


def wait_until(happened: Callable[[], bool], what: str) -> None:
    """Ask again and again; fails when it does not happen in a generous time."""
    deadline = time.monotonic() + _PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not happen within {_PATIENCE_S} s"
        time.sleep(_POLL_S)


@contextmanager
def _database(mongo_url: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    yield name
    with mongo_client(mongo_url) as client:
        client.drop_database(name)
