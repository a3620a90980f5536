"""Two service processes of one variant, each behind a Redis proxy of its own, and what is in them.

The deployment is that of ``fivefold verify``, with the intervals that the service has by default.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from redis import Redis

from benchmarks.coherence.race.description import ACCOUNT, LIST, slot_of, value_of
from benchmarks.coherence.race.monitor_log import MonitorLog, listening
from benchmarks.coherence.race.recording import AFTER, BEFORE, RaceStep, ServerState
from benchmarks.coherence.verify.fleet import FleetPlan, running_fleet
from benchmarks.stack.embedded import Stack
from benchmarks.stack.proxy import FaultProxy
from benchmarks.stack.server import Server
from benchmarks.variants.registry import Variant

A, B = 0, 1
"""The service processes, by number."""
_AS_SHIPPED = {
    "CACHE_LEASE_SECONDS": "0.9",
    "CACHE_HEAL_SECONDS": "3",
    "DATABASE_DEADLINE_SECONDS": "5",
}
_MONGO_TIMEOUT_MS = 10_000
# While a message is held nobody may give it up: the race is of two processes, not of timeouts.
_PATIENCE = {"REDIS_DEADLINE_SECONDS": "5"}
_WITHOUT_CACHE = {"CACHE_ENABLED": "false"}


@dataclass(frozen=True, kw_only=True)
class Testbed:
    """What a play is played on. ``urls`` and ``proxies`` are by the number of the process."""

    variant: Variant
    urls: Sequence[str]
    proxies: Sequence[FaultProxy]
    monitor_log: MonitorLog
    redis_server: Server
    redis: Redis
    mongo: MongoClient[dict[str, Any]]
    database: str

    @property
    def caches(self) -> bool:
        """Tell whether the variant uses Redis at all."""
        return self.variant.uses_redis

    def look(self, step: RaceStep, *, user: str, todo: str) -> ServerState:
        """Look at what the servers hold, past the services and the proxies."""
        redis: dict[str, str] = {}
        expires_s = None
        for key in sorted(self.redis.scan_iter(match=f"*{user}*")):
            slot = slot_of(key.decode())
            redis[slot] = self._held(slot, key)
            if slot == LIST and redis[slot] in {BEFORE, AFTER}:
                expires_s = self.redis.pttl(key) / 1000
        return ServerState(step=step, redis=redis, mongodb=self.heading(todo), expires_s=expires_s)

    def heading(self, todo: str) -> str:
        """Return the todo's heading in the database."""
        return str(self._document(todo)["heading"])

    def committed_s(self, todo: str) -> float:
        """Return when the service last changed the todo, by its own clock, in seconds."""
        return float(self._document(todo)["updated_at"].timestamp())

    def _document(self, todo: str) -> dict[str, Any]:
        found = self.mongo[self.database]["todos"].find_one({"_id": ObjectId(todo)})
        return found or {}

    def _held(self, slot: str, key: bytes) -> str:
        if self.redis.type(key) != b"string":
            return "a writer's mark"
        text = _text(self.redis.get(key))
        value = value_of(text)
        return "the account" if slot == ACCOUNT and value == "something else" else value


@contextmanager
def standing(variant: Variant, stack: Stack, database: str) -> Iterator[Testbed]:
    """Start what the play needs, and stop it after; raises ``StackError``."""
    folder = stack.folder / variant.name
    folder.mkdir()
    plan = FleetPlan(
        module=variant.module,
        workers=2,
        mongo_url=stack.mongo.url,
        database=database,
        folder=folder,
        env={**_AS_SHIPPED, **_PATIENCE, **variant.env}
        | ({} if variant.uses_redis else _WITHOUT_CACHE),
    )
    with (
        running_fleet(plan) as fleet,
        fleet.redis.client() as redis,
        listening(fleet.redis.server.url, own=redis.client_info()["addr"]) as monitor_log,
        _connected(stack.mongo.url) as mongo,
    ):
        yield Testbed(
            variant=variant,
            urls=fleet.urls,
            proxies=fleet.proxies,
            monitor_log=monitor_log,
            redis_server=fleet.redis.server,
            redis=redis,
            mongo=mongo,
            database=database,
        )


def _text(held: bytes | str | None) -> str:
    return held.decode(errors="replace") if isinstance(held, bytes) else held or ""


def _connected(url: str) -> MongoClient[dict[str, Any]]:
    """Connect under a name that the failpoint leaves alone."""
    return MongoClient(url, appname="fivefold-harness", tz_aware=True, timeoutMS=_MONGO_TIMEOUT_MS)
