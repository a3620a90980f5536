"""The deployment under test: a Redis of our own, and service processes that reach it by proxies.

Every process has a proxy of its own, so that one of them can be cut off while the others are not.
"""

import secrets
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis

from benchmarks.coherence.clients import Load, OneRequest, User
from benchmarks.stack.dataset import fresh_database
from benchmarks.stack.embedded import Stack, find_redis, open_stack, start_redis
from benchmarks.stack.errors import StackError
from benchmarks.stack.ports import held_port
from benchmarks.stack.process import Process
from benchmarks.stack.proxy import FaultProxy, start_proxy
from benchmarks.stack.server import Server, mongo_client, redis_client
from benchmarks.stack.service import Service, start_service

DEADLINE_S = 1.0
"""The service's database deadline; a writer's mark lives twice as long."""
INTERVALS = {
    "CACHE_LEASE_SECONDS": "0.3",
    "CACHE_HEAL_SECONDS": "0.1",
    "DATABASE_DEADLINE_SECONDS": str(DEADLINE_S),
}


class OwnRedis:
    """A redis-server that can be killed and comes back on its port, with the same arguments."""

    def __init__(self, folder: Path, extra_args: Sequence[str] = ()) -> None:
        if find_redis().kind == "fakeredis":
            raise StackError(
                "There is no real Redis here, and what fakeredis does when it is killed proves "
                "nothing; install redis-server."
            )
        self._folder = folder
        self._held = ExitStack()
        self.port = self._held.enter_context(held_port())
        self.extra_args = list(extra_args)
        self.server: Server = start_redis(folder, port=self.port, extra_args=self.extra_args)

    @property
    def process(self) -> Process:
        """The server's process."""
        if self.server.process is None:
            raise StackError("The Redis to break must be one of our own.")
        return self.server.process

    def client(self) -> Redis:
        """Return a client that goes past every proxy; the caller closes."""
        return redis_client(self.server.url)

    def restart(self, *, dump: bool = False) -> None:
        """Start it again after it was killed, with what it saved last or with nothing."""
        if not dump:
            (self._folder / "dump.rdb").unlink(missing_ok=True)
        self.server = start_redis(self._folder, port=self.port, extra_args=self.extra_args)

    def discard(self) -> None:
        """End it at once."""
        self.server.discard()
        self._held.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """The processes to start: ``module``, this many times, on one database, with these settings.

    With ``one_address`` a proxy stands before the processes that takes turns by connection.
    """

    module: str
    workers: int
    mongo_url: str
    database: str
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    one_address: bool = False


class Fleet:
    """The running deployment; close it by leaving ``running_fleet``."""

    def __init__(self, plan: FleetPlan, redis: OwnRedis, proxies: Sequence[FaultProxy]) -> None:
        self.redis = redis
        self.proxies = proxies
        self.admin_token = secrets.token_urlsafe(24)
        self._plan = plan
        self._env = INTERVALS | {
            "ENVIRONMENT": "development",
            "RATE_LIMIT_ENABLED": "false",
            "ADMIN_TOKEN": self.admin_token,
            "JWT_SECRET": secrets.token_urlsafe(48),
            "LOG_LEVEL": "ERROR",
            **plan.env,
        }
        self.balancer: FaultProxy | None = None
        self._services: list[tuple[Service, ExitStack]] = []
        self._held = ExitStack()
        self._ports = [self._held.enter_context(held_port()) for _ in proxies]

    @property
    def urls(self) -> list[str]:
        """Return where the service processes answer; a restarted one keeps its address."""
        return [service.url for service, _ in self._services]

    def start(self) -> None:
        """Start every service process, and the balancer if there is to be one."""
        for number in range(len(self.proxies)):
            self._services.append(self._started(number))
        if self._plan.one_address:
            log = self._plan.folder / "balancer.log"
            self.balancer = start_proxy(*self.urls, log=log, name="balancer")

    def load(self, users: Sequence[User], *, seed: int, pause_s: float = 0.0) -> Load:
        """Return a load on all processes, or on the balancer alone if there is one."""
        if self.balancer is None:
            return Load(urls=self.urls, users=users, seed=seed, pause_s=pause_s)
        return Load(
            urls=[self.balancer.url], users=users, seed=seed, pause_s=pause_s, connect=OneRequest
        )

    def process(self, worker: int) -> Process:
        """Return the process of one service."""
        return self._services[worker][0].process

    def restart(self, worker: int) -> None:
        """Start a service process that was killed again."""
        self._services[worker][1].close()
        self._services[worker] = self._started(worker)

    def discard(self) -> None:
        """End the service processes at once; their answers are not needed any more."""
        if self.balancer is not None:
            self.balancer.stop()
        for service, stack in self._services:
            service.process.kill()
            stack.close()
        self._held.close()

    def _started(self, worker: int) -> tuple[Service, ExitStack]:
        plan, name = self._plan, f"service-{worker}"
        stack = ExitStack()
        service = stack.enter_context(
            start_service(
                mongo_url=plan.mongo_url,
                database=plan.database,
                redis_url=self.proxies[worker].url,
                log=plan.folder / f"{name}.log",
                port=self._ports[worker],
                env=self._env,
                name=name,
                module=plan.module,
            )
        )
        return service, stack


@contextmanager
def running_fleet(plan: FleetPlan) -> Iterator[Fleet]:
    """Run the deployment; raises ``StackError`` when a part of it does not start."""
    with ExitStack() as cleanup:
        redis = OwnRedis(plan.folder / "redis")
        cleanup.callback(redis.discard)
        proxies = []
        for number in range(plan.workers):
            log = plan.folder / f"proxy-{number}.log"
            proxy = start_proxy(redis.server.url, log=log, name=f"proxy-{number}")
            cleanup.callback(proxy.stop)
            proxies.append(proxy)
        fleet = Fleet(plan, redis, proxies)
        cleanup.callback(fleet.discard)
        fleet.start()
        yield fleet


@contextmanager
def own_database(environ: Mapping[str, str]) -> Iterator[tuple[Stack, str]]:
    """Name a database that only this run uses, and leave none behind; raises as the two do."""
    named = {name: url for name, url in environ.items() if name == "MONGODB_URL"}
    name = f"verify_{uuid.uuid4().hex[:16]}"
    with (
        open_stack(environ=named, redis=False) as stack,
        mongo_client(stack.mongo.url) as client,
        fresh_database(client, name),
    ):
        yield stack, name
