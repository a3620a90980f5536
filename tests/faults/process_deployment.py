"""Service processes on real servers, each behind fault proxies of its own."""

import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bson import ObjectId
from pymongo import MongoClient

from benchmarks.stack.embedded import Stack
from benchmarks.stack.process import Process
from benchmarks.stack.proxy import FaultProxy, start_proxy
from benchmarks.stack.server import redis_client
from benchmarks.stack.service import start_service
from tests.faults.process_callers import CallingPerson, sign_up
from tests.light_service import MODULE as SERVICE

LEASE_S = 0.6
DEADLINE_S = 1.0
PATIENT = {
    "CACHE_LEASE_SECONDS": "20",
    "DATABASE_DEADLINE_SECONDS": "20",
    "REDIS_DEADLINE_SECONDS": "2",
}
"""Of a process that is to end no wait by itself while a test takes its steps."""


@dataclass(frozen=True)
class DeploymentMember:
    """One service process; what it sends to MongoDB and Redis passes its proxies."""

    url: str
    process: Process
    mongo: FaultProxy
    redis: FaultProxy

    def sign_up(self) -> CallingPerson:
        return sign_up(self.url)

    def sign_up_and_cache(self) -> CallingPerson:
        """Register a new user with a todo that is cached."""
        person = self.sign_up()
        person.has_todo("before")
        person.reads_hit()
        return person


class ProcessDeployment:
    """Processes on one database and one Redis, and a view of both past every proxy.

    ``mongo_url`` and ``redis_url`` are those of the servers themselves.
    """

    def __init__(self, mongo_url: str, redis_url: str, folder: Path, exits: ExitStack) -> None:
        self.mongo_url = mongo_url
        self.redis_url = redis_url
        self.database = f"test_{uuid.uuid4().hex}"
        self.folder = folder
        self._exits = exits
        self._mongo: MongoClient[dict[str, object]] = MongoClient(mongo_url)
        self._redis = redis_client(redis_url)
        exits.callback(self._mongo.close)
        exits.callback(self._redis.close)
        self._env: Mapping[str, str] = {
            "ENVIRONMENT": "development",
            "JWT_SECRET": secrets.token_urlsafe(48),
            "RATE_LIMIT_ENABLED": "false",
            "CACHE_LEASE_SECONDS": str(LEASE_S),
            "CACHE_HEAL_SECONDS": "0.2",
            "DATABASE_DEADLINE_SECONDS": str(DEADLINE_S),
            # A busy machine is no broken Redis.
            "REDIS_DEADLINE_SECONDS": "0.2",
            "LOG_LEVEL": "WARNING",
        }

    def start(
        self,
        *,
        workers: int = 1,
        module: str = SERVICE,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> DeploymentMember:
        """Start a service process with proxies of its own; ``env`` has the last word."""
        name = uuid.uuid4().hex[:6]
        mongo = start_proxy(self.mongo_url, log=self.folder / f"mongo-{name}.log")
        self._exits.callback(mongo.stop)
        redis = start_proxy(self.redis_url, log=self.folder / f"redis-{name}.log")
        self._exits.callback(redis.stop)
        service = self._exits.enter_context(
            start_service(
                mongo_url=mongo.url,
                database=self.database,
                redis_url=redis.url,
                log=log or self.folder / f"service-{name}.log",
                workers=workers,
                env={**self._env, **(env or {})},
                module=module,
            )
        )
        # Nobody needs its good-bye, which would wait for servers that are broken.
        self._exits.callback(service.process.kill)
        return DeploymentMember(service.url, service.process, mongo, redis)

    def cached(self, person: CallingPerson) -> bool:
        """Tell whether Redis holds a todo list of this user, in any namespace."""
        slots = self._redis.scan_iter(match=f"*{{{person.user_id}}}:todos", count=1000)
        return any(self._redis.getrange(slot, 0, 0) in {b"V", "V"} for slot in slots)

    def marks(self, person: CallingPerson) -> int:
        """Count the writes of this user that have left a mark and not yet taken it away."""
        return sum(int(self._redis.zcard(key)) for key in self._mark_keys(person))

    def end_marks(self, person: CallingPerson) -> float:
        """End the time for which marks of this user stay; return how many seconds it had left."""
        keys = self._mark_keys(person)
        left_s = max((self._redis.pttl(key) for key in keys), default=0) / 1000
        for key in keys:
            self._redis.delete(key)
        return left_s

    def _mark_keys(self, person: CallingPerson) -> list[str]:
        """Return the keys with marks of this user, in every namespace."""
        found = self._redis.scan_iter(match=f"*{{{person.user_id}}}:writers", count=1000)
        return [key.decode() for key in found]

    def stored(self, person: CallingPerson) -> list[str]:
        """Return the headings of this user as the database has them now, the oldest first."""
        todos = self._mongo[self.database]["todos"].find({"user_id": ObjectId(person.user_id)})
        return [str(todo["heading"]) for todo in todos.sort("_id")]

    def closings(self) -> int:
        """Count how often the fence was closed so far."""
        fence = self._mongo[self.database]["cache_fence"].find_one({"_id": "fence"})
        assert fence is not None
        return sum(cast(dict[str, int], fence["fences"]).values())


@contextmanager
def open_deployment(
    servers: Stack, folder: Path, *, mongo_url: str = ""
) -> Iterator[ProcessDeployment]:
    """Prepare a deployment on the session's servers, or on another MongoDB; its processes end."""
    assert servers.redis is not None
    with ExitStack() as exits:
        yield ProcessDeployment(mongo_url or servers.mongo.url, servers.redis.url, folder, exits)
