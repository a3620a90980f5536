"""The race: one read, one write, and a stored value that is kept on its way between the two.

Every step is seen to have happened before the next begins; nothing waits for a time to pass. It
runs on two service processes of one variant, each behind a Redis proxy of its own, as in
``fivefold verify`` but with the intervals that the service has by default.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from redis import Redis

from benchmarks.coherence.clients import PASSWORD, User, register, request
from benchmarks.coherence.fleet import Fleet, FleetPlan, running_fleet
from benchmarks.coherence.race.commands import (
    ACCOUNT,
    LIST,
    Description,
    MonitorLog,
    described,
    listening,
    slot_of,
    value_of,
    wait_until,
)
from benchmarks.coherence.race.recorder import SERVICES, StepRecorder
from benchmarks.coherence.race.recording import (
    AFTER,
    BEFORE,
    Delivery,
    RaceStep,
    Recording,
    ServerState,
)
from benchmarks.measure.client import Connection, Response, outcome_of
from benchmarks.measure.delays import FailpointRefused, injected_delay
from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.relay import RelayMode
from benchmarks.storage.records import Regime
from benchmarks.variants.registry import Variant

A, B = 0, 1
"""The service processes, by number."""
FIND_MS = 400
"""By how much a find is slowed, so that there is time to reach between lookup and store."""
_TASK = "x" * 2_000
"""Makes the list the largest thing that a process sends: what is held is told by its size."""
_SLOWED = Regime(name="race", description="finds that take their time", delay_ms=FIND_MS)
_FINE = frozenset({200, 201})
_MONGO_TIMEOUT_MS = 10_000
_ENVIRONMENT = {
    # As shipped.
    "CACHE_LEASE_SECONDS": "0.9",
    "CACHE_HEAL_SECONDS": "3",
    "DATABASE_DEADLINE_SECONDS": "5",
    # A message that is held must not time out: the race is of two processes, not of timeouts.
    "REDIS_DEADLINE_SECONDS": "5",
}


@dataclass(frozen=True, kw_only=True)
class Testbed:
    """The testbed of a race."""

    variant: Variant
    fleet: Fleet
    monitor_log: MonitorLog
    redis: Redis
    mongo: MongoClient[dict[str, Any]]
    database: str

    def state(self, step: RaceStep, *, user: str, todo: str) -> ServerState:
        """Return what the servers hold, past the services and the proxies."""
        redis: dict[str, str] = {}
        expires_s = None
        for key in sorted(self.redis.scan_iter(match=f"*{user}*")):
            slot = slot_of(key.decode())
            redis[slot] = self._held(slot, key)
            if slot == LIST and redis[slot] in {BEFORE, AFTER}:
                expires_s = self.redis.pttl(key) / 1000
        heading = str(self.document(todo)["heading"])
        return ServerState(step=step, redis=redis, mongodb=heading, expires_s=expires_s)

    def document(self, todo: str) -> dict[str, Any]:
        """Return the todo in the database."""
        return self.mongo[self.database]["todos"].find_one({"_id": ObjectId(todo)}) or {}

    def _held(self, slot: str, key: bytes) -> str:
        if self.redis.type(key) != b"string":
            return "a writer's mark"
        held = self.redis.get(key)
        value = value_of(held.decode(errors="replace") if isinstance(held, bytes) else held or "")
        return "the account" if slot == ACCOUNT and value == "something else" else value


@contextmanager
def running_testbed(variant: Variant, stack: Stack, database: str) -> Iterator[Testbed]:
    """Start what the race needs, and stop it after; raises ``StackError``."""
    folder = stack.folder / variant.name
    folder.mkdir()
    off = {} if variant.uses_redis else {"CACHE_ENABLED": "false"}
    plan = FleetPlan(
        module=variant.module,
        workers=2,
        mongo_url=stack.mongo.url,
        database=database,
        folder=folder,
        env={**_ENVIRONMENT, **variant.env, **off},
    )
    with ExitStack() as cleanup:
        fleet = cleanup.enter_context(running_fleet(plan))
        redis = cleanup.enter_context(fleet.redis.client())
        own = redis.client_info()["addr"]
        monitor_log = cleanup.enter_context(listening(fleet.redis.server.url, own=own))
        # Under a name that the failpoint leaves alone.
        mongo = MongoClient[dict[str, Any]](
            stack.mongo.url, appname="fivefold-harness", tz_aware=True, timeoutMS=_MONGO_TIMEOUT_MS
        )
        cleanup.callback(mongo.close)
        yield Testbed(
            variant=variant,
            fleet=fleet,
            monitor_log=monitor_log,
            redis=redis,
            mongo=mongo,
            database=database,
        )


class RaceScenario:
    """One race on one testbed."""

    def __init__(self, testbed: Testbed) -> None:
        self._testbed = testbed
        self._caches = testbed.variant.uses_redis
        self._proxy = testbed.fleet.proxies[A]
        self._user = User(0)
        self._id = self._token = self._todo = ""
        self._used = 0
        self._held_s = 0.0
        self._recorder = StepRecorder()

    def perform(self) -> Recording:
        """Run it to its end; raises ``StackError`` naming the step that did not come about."""
        self._prepare()
        with ThreadPoolExecutor(1) as pool, self._releasing():
            reading, lookups = self._read(pool)
            self._write()
            self._deliver(reading, lookups)
        self._read_again()
        variant = self._testbed.variant
        return self._recorder.recording(variant=variant.name, kind=variant.kind)

    def _prepare(self) -> None:
        """Have a user whose list says before and is not cached."""
        register([self._user], self._testbed.fleet.urls[B])
        login = {"email": self._user.email, "password": PASSWORD}
        answer = self._ask(B, "POST", "/auth/login", login)
        self._token = json.loads(answer.body)["access_token"]
        self._id = json.loads(self._ask(B, "GET", "/auth/me").body)["id"]
        if self._caches:
            # The account is not what the race is about: both processes find it in the cache.
            for process in (A, B):
                wait_until(partial(self._finds_account, process), "have the account cached")
        self._take()
        self._recorder = StepRecorder()
        answer = self._ask(B, "POST", "/todo/", {"heading": BEFORE, "task": _TASK})
        self._todo = json.loads(answer.body)["id"]
        self._record_write(RaceStep.PREPARE, answer, f"POST: heading = {BEFORE}")

    def _finds_account(self, process: int) -> bool:
        headers = self._ask(process, "GET", "/auth/me").headers
        return outcome_of(headers.get("cache-status")) == "hit"

    def _read(self, pool: ThreadPoolExecutor) -> "tuple[Future[Response], Sequence[Description]]":
        """Let A miss and read the database, and hold back what it then stores.

        Returns the answer to come and what A asked Redis before.
        """
        try:
            with injected_delay(self._testbed.mongo.admin, _SLOWED):
                reading = pool.submit(self._ask, A, "GET", "/todo/")
                if self._caches:
                    # A has asked Redis by then all that it asks before it reads.
                    wait_until(self._has_missed, "see process A miss")
                    self._proxy.switch(RelayMode.HOLD)
                else:
                    reading.result()
        except FailpointRefused as error:
            raise StackError(str(error)) from error
        lookups = self._take()
        if self._caches:
            held = self._proxy.state
            wait_until(lambda: held().held_bytes > len(_TASK), "hold what process A stores")
            self._held_s = self._recorder.now_s()
        self._record_state(RaceStep.READ)
        return reading, lookups

    def _has_missed(self) -> bool:
        of_list = [each for each in self._heard() if each.is_of_list]
        if self._testbed.variant.kind == "ours":
            return any(each.lays_token for each in of_list)
        return bool(of_list)

    def _write(self) -> None:
        """Let B write and acknowledge; its own way to Redis is free."""
        answer = self._ask(B, "PUT", f"/todo/{self._todo}", {"heading": AFTER})
        if self._testbed.document(self._todo)["heading"] != AFTER:
            raise StackError("The write was acknowledged and is not in the database.")
        self._record_write(RaceStep.WRITE, answer, f"PUT: heading = {AFTER}")

    def _deliver(self, reading: "Future[Response]", lookups: Sequence[Description]) -> None:
        """Let what A had stored arrive; its reader began before the write and may be shown either.

        What A stored is known only now: while it is held it is nothing but bytes.
        """
        if self._caches:
            self._proxy.switch(RelayMode.NORMAL)
            wait_until(self._has_stored, "see what was held arrive")
            late = [each for each in self._take() if each.stores]
            self._recorder.held(RaceStep.READ, SERVICES[A], self._held_s, late[0])
            self._recorder.commands(RaceStep.DELIVER, SERVICES[A], late, delivery=Delivery.ARRIVED)
        self._recorder.read(RaceStep.READ, A, reading.result(), lookups)
        self._record_state(RaceStep.DELIVER)

    def _has_stored(self) -> bool:
        return any(each.stores and each.is_of_list for each in self._heard())

    def _read_again(self) -> None:
        """Read the list at either process."""
        for process in (A, B):
            answer = self._ask(process, "GET", "/todo/")
            if outcome_of(answer.headers.get("cache-status")) in {"miss", "partial"}:
                # Ours stores without keeping its reader waiting.
                wait_until(self._has_stored, "see a miss stored")
            commands = self._take()
            lookups = [each for each in commands if not each.stores]
            self._recorder.read(RaceStep.READ_AGAIN, process, answer, lookups)
            stores = [each for each in commands if each.stores]
            self._recorder.commands(RaceStep.READ_AGAIN, SERVICES[process], stores)
        self._record_state(RaceStep.READ_AGAIN)

    def _record_write(self, step: RaceStep, answer: Response, said: str) -> None:
        # By the service's own clock.
        committed_s = float(self._testbed.document(self._todo)["updated_at"].timestamp())
        heard = self._take()
        self._recorder.write(
            step, B, answer, heard, said=said, todo=self._todo, committed_s=committed_s
        )
        self._record_state(step)

    def _record_state(self, step: RaceStep) -> None:
        self._recorder.states.append(self._testbed.state(step, user=self._id, todo=self._todo))

    def _heard(self) -> Sequence[Description]:
        """Return what Redis was told of the user since it was last taken."""
        return described(self._testbed.monitor_log.heard(), self._id)[self._used :]

    def _take(self) -> Sequence[Description]:
        taken = self._heard()
        self._used += len(taken)
        return taken

    def _ask(
        self, process: int, method: str, path: str, body: dict[str, str] | None = None
    ) -> Response:
        """Ask a process on a connection of its own; raises ``StackError`` for a refusal."""
        sent = request(method, path, token=self._token, body=body)
        with Connection(self._testbed.fleet.urls[process]) as connection:
            answer = connection.send(sent)
        if answer.status not in _FINE:
            said = answer.body.decode(errors="replace")
            raise StackError(f"{method} {path} was answered {answer.status} {said}.")
        return answer

    @contextmanager
    def _releasing(self) -> Iterator[None]:
        """Leave nothing held, or the reader would wait until it gives up."""
        try:
            yield
        finally:
            self._proxy.switch(RelayMode.NORMAL)
