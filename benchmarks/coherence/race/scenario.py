"""The race: one read, one write, and a stored value that is held on its way between the two.

Every step is seen to have happened before the next begins; nothing waits for a time to pass. It
runs on two service processes of one variant, each behind a Redis proxy of its own, as in
``fivefold verify`` but with the intervals that the service has by default.
"""

import itertools
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from time import perf_counter_ns
from typing import Any

from redis import Redis

from benchmarks.coherence.clients import Client, User, register
from benchmarks.coherence.fleet import Fleet, FleetPlan, running_fleet
from benchmarks.coherence.history import OperationKind, Outcome, RecordedOperation
from benchmarks.coherence.race.findings import AFTER, BEFORE, RaceStep, Recording, ServerState
from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.relay import LARGE_BYTES, RelayMode
from benchmarks.stack.server import mongo_client
from benchmarks.variants.registry import Variant

A, B = 0, 1
"""The service processes, by number."""
_TASK = "x" * LARGE_BYTES
"""Makes the list the one large thing that a process sends to Redis, so that the proxy holds it."""
_ABOUT_THE_LIST = frozenset({OperationKind.CREATE, OperationKind.UPDATE, OperationKind.LIST})
_HEADING = re.compile(rf"heading\W{{1,12}}({BEFORE}|{AFTER})\b".encode())
"""The todo in a stored list, however that was encoded."""
_ENVIRONMENT = {
    # As shipped.
    "CACHE_LEASE_SECONDS": "0.9",
    "CACHE_HEAL_SECONDS": "3",
    "DATABASE_DEADLINE_SECONDS": "5",
    # A message that is held must not time out: the race is of two processes, not of timeouts.
    "REDIS_DEADLINE_SECONDS": "5",
}
_POLL_S = 0.002


@contextmanager
def running_scenario(variant: Variant, stack: Stack, database: str) -> Iterator["RaceScenario"]:
    """Start what the race needs, and stop it after; raises ``StackError``."""
    off = {} if variant.uses_redis else {"CACHE_ENABLED": "false"}
    plan = FleetPlan(
        module=variant.module,
        workers=2,
        mongo_url=stack.mongo.url,
        database=database,
        folder=stack.folder,
        env={**_ENVIRONMENT, **variant.env, **off},
    )
    with (
        running_fleet(plan) as fleet,
        fleet.redis.client() as redis,
        mongo_client(stack.mongo.url) as mongo,
    ):
        yield RaceScenario(variant, fleet, redis, mongo[database]["todos"])


class RaceScenario:
    """One race on one fleet; the servers are read past the services and the proxies."""

    def __init__(self, variant: Variant, fleet: Fleet, redis: Redis, todos: Any) -> None:
        self.fleet = fleet
        self._variant = variant
        self._proxy = fleet.proxies[A]
        self._redis = redis
        self._todos = todos
        self._user = User(0)
        self._client = Client(fleet.load([self._user], seed=0), 0, itertools.count(1))
        self._states: list[ServerState] = []
        self._held_ns: int | None = None
        self._arrived_ns: int | None = None

    def perform(self) -> Recording:
        """Run it to its end; raises ``StackError`` naming the step that did not come about."""
        created = self._prepare()
        with ThreadPoolExecutor(1) as pool, ExitStack() as cleanup:
            # Nothing stays held, or the reader would wait until it gives up.
            cleanup.callback(self._proxy.switch, RelayMode.NORMAL)
            reading = self._read(pool)
            self._ask(
                OperationKind.UPDATE,
                f"/todo/{created.todo}",
                todo=created.todo,
                body={"heading": AFTER},
                worker=B,
            )
            self._note(RaceStep.WRITE)
            self._deliver(reading)
        self._read_again()
        operations = [each for each in self._client.operations if each.kind in _ABOUT_THE_LIST]
        return Recording(
            variant=self._variant.name,
            operations=tuple(sorted(operations, key=lambda each: each.invoked_ns)),
            states=tuple(self._states),
            held_ns=self._held_ns,
            arrived_ns=self._arrived_ns,
        )

    def _prepare(self) -> RecordedOperation:
        """Have a user whose list says before and is not cached."""
        register([self._user], self.fleet.urls[B])
        self._client.log_in()
        if self._variant.uses_redis:
            for process in (A, B):
                wait_until(partial(self._caches, process), "have the account cached")
        body = {"heading": BEFORE, "task": _TASK}
        created = self._ask(OperationKind.CREATE, "/todo/", body=body, worker=B)
        self._note(RaceStep.PREPARE)
        return created

    def _caches(self, process: int) -> bool:
        return self._ask(OperationKind.PROFILE, "/auth/me", worker=process).hit

    def _read(self, pool: ThreadPoolExecutor) -> "Future[RecordedOperation]":
        """Let A miss and read the database, and hold what it then stores; return its answer."""
        self._proxy.switch(RelayMode.HOLD_LARGE)
        reading = pool.submit(self._list, A)
        if self._variant.uses_redis:
            held = self._proxy.state
            wait_until(lambda: held().mode is RelayMode.HOLD, "hold what process A stores")
            self._held_ns = perf_counter_ns()
        else:
            reading.result()
        self._note(RaceStep.READ)
        return reading

    def _deliver(self, reading: "Future[RecordedOperation]") -> None:
        """Let what A stores arrive; its reader began before the write and may be shown either."""
        if self._held_ns is not None:
            self._arrived_ns = perf_counter_ns()
        self._proxy.switch(RelayMode.NORMAL)
        reading.result()
        # Ours stores without keeping its reader waiting, but on the connection of its lookups.
        # When this one is answered, Redis has executed what was held.
        self._caches(A)
        self._note(RaceStep.DELIVER)

    def _read_again(self) -> None:
        for process in (A, B):
            self._list(process)
            if self._variant.uses_redis:
                wait_until(partial(self._has_stored, process), "see the list stored")
        self._note(RaceStep.READ_AGAIN)

    def _has_stored(self, process: int) -> bool:
        # A process that has given Redis up, as on a busy machine, stores nothing.
        return self._stored()[0] in {BEFORE, AFTER} or not self._caches(process)

    def _list(self, process: int) -> RecordedOperation:
        return self._ask(OperationKind.LIST, "/todo/", worker=process)

    def _ask(self, kind: OperationKind, path: str, **about: Any) -> RecordedOperation:
        """Ask a process; raises ``StackError`` for a refusal."""
        operation = self._client.do(kind, path, **about)
        if operation.outcome is not Outcome.OK:
            raise StackError(f"{kind} was answered {operation.status or 'not at all'}.")
        return operation

    def _note(self, step: RaceStep) -> None:
        """Write down what the servers hold after a step."""
        redis, expires_s = self._stored()
        todo = self._todos.find_one() or {"heading": "nothing"}
        self._states.append(
            ServerState(
                step=step,
                at_ns=perf_counter_ns(),
                mongodb=todo["heading"],
                redis=redis,
                expires_s=expires_s,
            )
        )

    def _stored(self) -> tuple[str, float | None]:
        """Return what Redis holds of the list, and for how many seconds more."""
        for key in self._redis.scan_iter(match="*todos*", _type="string"):
            stored = self._redis.get(key)
            held = content(stored if isinstance(stored, bytes) else b"")
            return held, self._redis.pttl(key) / 1000
        return "nothing", None


def content(stored: bytes) -> str:
    """Return what is stored in the place of a list: which list, or what the cached variant put."""
    if found := _HEADING.search(stored):
        return found[1].decode()
    if stored.startswith(b"L"):
        return "a fill token"
    return "a trace of the write" if stored == b"X" else "something else"


def wait_until(happened: Callable[[], bool], what: str, *, deadline_s: float = 5.0) -> None:
    """Return as soon as it has happened; raises ``StackError`` naming it after the deadline."""
    ends_at = time.monotonic() + deadline_s
    while not happened():
        if time.monotonic() >= ends_at:
            raise StackError(
                f"The race came to a halt: it waited {deadline_s:g} s to {what}; run it again on a "
                "quieter machine."
            )
        time.sleep(_POLL_S)
