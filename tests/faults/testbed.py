"""The testbed of the Redis rows: a small fleet under load, one fault, and every read checked.

Two service processes, each behind a fault proxy of its own to one redis-server of ours, with
leases of 0.3 s and a database deadline of 1 s, so that a row takes seconds. Six clients share
three users.
"""

import itertools
import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from pymongo import MongoClient

from benchmarks.coherence.clients import Client, Load, User, register, running_clients
from benchmarks.coherence.clients import request as http
from benchmarks.coherence.fleet import (
    DEADLINE_S,
    Fleet,
    FleetPlan,
    OwnRedis,
    running_fleet,
)
from benchmarks.coherence.history import (
    UNAUTHORIZED,
    FaultRecord,
    History,
    Outcome,
    RecordedOperation,
)
from benchmarks.coherence.summary import Summary, summarize
from benchmarks.measure.client import Connection
from benchmarks.stack.embedded import Stack
from tests import needs
from tests.faults.canary import Canary
from tests.light_service import MODULE as CACHED

NAIVE = "benchmarks.variants.rivals.naive"
RECOVERY_S = 60.0
"""After how long what was waited for will never happen, on whatever machine."""
WORKERS, _USERS, _CLIENTS = 2, 3, 6
_HITS_BEFORE, _HITS_AFTER = 15, 40
_CALM_READS = 80
_LEAST_READS = 100
_PAUSE_S = 0.04
"""A hundred requests per second collide often enough, and leave CPU to the tests beside."""
_POLL_S = 0.05
_NS = 1_000_000_000


class Hold(Protocol):
    """Keeps a fault as it is."""

    def __call__(self, seconds: float, *, writes: bool = True) -> None:
        """Wait for so many seconds, and until the load had a read answered meanwhile.

        With ``writes`` the canary and the load, by way of each process, have had a write
        acknowledged meanwhile as well: none can have waited for the end of the fault.
        """


Strike = Callable[[Fleet, Hold], FaultRecord]
"""Does a fault, holds it, undoes it, and tells when that was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultOutcome:
    """A fault under load: what the checker found, and every operation to measure."""

    summary: Summary
    stale_for_canary: int
    fault: FaultRecord
    held_ns: tuple[int, int]
    """From when until when the fault was there, begun for certain and not yet being undone."""
    operations: Sequence[RecordedOperation]
    fence_moves: int
    """How often the fence was closed."""
    counted: Mapping[str, int]
    """By slot and word of the ``Cache-Status``: how often the services answered so meanwhile."""

    @property
    def stale(self) -> int:
        """Count the reads, and accepted tokens, older than what was acknowledged (G1)."""
        return self.summary.stale + self.summary.revoked_accepted + self.stale_for_canary

    @property
    def refused_replays(self) -> int:
        """Count the requests with a revoked token that were refused since the fault began."""
        return sum(
            each.status == UNAUTHORIZED and each.invoked_ns > self.fault.started_ns
            for each in self.operations
        )

    @property
    def met_reads_s(self) -> list[float]:
        """Return how long the reads took that were under way while the fault lasted."""
        fault = self.fault
        return [
            _took_s(each)
            for each in self.operations
            if each.is_read
            and each.invoked_ns <= fault.ended_ns
            and fault.started_ns <= each.returned_ns
        ]

    @property
    def recovery_s(self) -> float | None:
        """Return when, after the fault, the last process gave its first hit again."""
        first: dict[int, int] = {}
        for each in self.operations:
            if each.hit and each.invoked_ns > self.fault.ended_ns:
                first[each.worker] = min(each.returned_ns, first.get(each.worker, each.returned_ns))
        if len(first) < WORKERS:
            return None
        return (max(first.values()) - self.fault.ended_ns) / _NS

    def counted_with(self, words: str) -> int:
        """Return how many slots were answered with these words in their ``Cache-Status``."""
        return sum(count for status, count in self.counted.items() if words in status)

    def within(self, from_ns: int, until_ns: int) -> list[RecordedOperation]:
        """Return what was asked for and answered between these instants."""
        return [
            each
            for each in self.operations
            if from_ns <= each.invoked_ns and each.returned_ns <= until_ns
        ]

    @property
    def hits_meanwhile(self) -> list[RecordedOperation]:
        """Return the hits that were asked for and answered while the fault was there."""
        return [each for each in self.within(*self.held_ns) if each.hit]

    def figures(self) -> dict[str, object]:
        """Return what a row shows."""
        summary, reads_s = self.summary, self.met_reads_s
        writes_s = [_took_s(each) for each in self.operations if not each.is_read]
        figures: dict[str, object] = {
            "checked reads": f"{summary.reads:,}",
            "hits": f"{summary.hits:,}",
            "longest write": f"{max(writes_s, default=0.0):.2f} s",
            "slowest read meanwhile": f"{max(reads_s, default=0.0):.2f} s",
        }
        if self.fence_moves:
            figures["fence closed"] = f"{self.fence_moves}x"
        if self.recovery_s is not None:
            figures["hits again after"] = f"{self.recovery_s:.1f} s"
        return figures

    def assert_harmless(self) -> None:
        """Fail unless users noticed nothing but the time it took, and unless there were users."""
        summary = self.summary
        assert summary.reads >= _LEAST_READS, summary
        assert self.met_reads_s, "the fault met no read"
        assert self.stale_for_canary == 0, "the canary does not see what it wrote"
        assert self.stale == 0, summary.first_violation
        assert summary.backwards == 0, summary.first_violation
        assert summary.impossible == 0, summary.first_violation
        broken = [each for each in self.operations if not each.answered]
        assert not broken, f"{len(broken)} without an answer below 500, such as {broken[0]}"


def _took_s(operation: RecordedOperation) -> float:
    return (operation.returned_ns - operation.invoked_ns) / _NS


class FleetTestbed:
    """A fleet that is struck once per row, each time under a new load with users of its own."""

    def __init__(self, fleet: Fleet, drop_database: Callable[[], object]) -> None:
        self.fleet = fleet
        self._drop_database = drop_database
        self._canary: Canary | None = None
        self._numbers = itertools.count()

    def under(
        self,
        strike: Strike,
        *,
        hits_before: bool = True,
        hits_after: bool = True,
        replays: bool = False,
    ) -> FaultOutcome:
        """Strike under load and check what came of it; raises ``AssertionError`` for no load.

        The load begins before the fault and goes on until each process answers from the cache
        again, or, without hits to wait for, has answered some reads. With ``replays`` every user
        has logged out once before, and afterwards the load goes on until such a token is refused.
        """
        users = [User(next(self._numbers)) for _ in range(_USERS)]
        register(users, self.fleet.urls[0])
        load = Load(urls=self.fleet.urls, users=users, seed=users[0].number, pause_s=_PAUSE_S)
        leaving = _leavers(load) if replays else []
        before = cache_state(self.fleet)
        canary = self.canary
        with running_clients(load, _CLIENTS) as clients:
            watch = _Watch(clients)
            watch.wait_for(_hits(_HITS_BEFORE) if hits_before else _reads)
            if hits_before:
                canary.recovered_s()
            watch.restart()
            held = _Held(canary, watch)
            fault = strike(self.fleet, held)
            watch.restart()
            watch.wait_for(_hits(_HITS_AFTER) if hits_after else _reads)
            if replays:
                watch.wait_for(_refusals)
            stale = canary.stale_reads()
        operations = [each for client in [*leaving, *clients] for each in client.operations]
        history = History(operations=operations, faults=[fault], mark_s=2 * DEADLINE_S)
        fences, counted = (
            after - then for after, then in zip(cache_state(self.fleet), before, strict=True)
        )
        return FaultOutcome(
            summary=summarize(history),
            stale_for_canary=stale,
            fault=fault,
            held_ns=held.period_ns,
            operations=operations,
            fence_moves=fences.total(),
            counted=counted,
        )

    def harmless(self, strike: Strike, *, figures: dict[str, object], **how: bool) -> FaultOutcome:
        """Strike as ``under`` does, and fail unless users noticed nothing but the time it took."""
        outcome = self.under(strike, **how)
        figures.update(outcome.figures())
        outcome.assert_harmless()
        return outcome

    def restart(self, worker: int, **settings: str) -> None:
        """Start a service process again, with these settings."""
        self.fleet._env |= settings
        self.fleet.restart(worker)

    @property
    def canary(self) -> Canary:
        """The user of every row, and of the database as it is now."""
        if self._canary is None:
            self._canary = Canary(self.fleet.urls)
        return self._canary

    def drop_database(self) -> None:
        """Forget everything and everybody; only while no service process runs."""
        self._drop_database()
        self._canary = None


def cache_state(fleet: Fleet) -> tuple[Counter[str], Counter[str]]:
    """Return why the fence was closed so far, and how the processes answered their slots."""
    fences: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for state in _cache_states(fleet):
        fences |= Counter(state["fences"])
        counted += Counter(state["counters"])
    return fences, counted


def times_closed(fleet: Fleet) -> int:
    """Return how often the fence was closed, as far as every process knows.

    A process that has not heard of it yet may go on hitting until its lease ends.
    """
    return min(Counter[str](state["fences"]).total() for state in _cache_states(fleet))


def _cache_states(fleet: Fleet) -> Iterator[dict[str, Any]]:
    sent = http("GET", "/admin/cache", token=fleet.admin_token)
    for url in fleet.urls:
        with Connection(url) as connection:
            yield json.loads(connection.send(sent).body)


@contextmanager
def fleet_testbed(
    servers: Stack, folder: Path, *, module: str = CACHED, redis_url: str = ""
) -> Iterator[FleetTestbed]:
    """Run a fleet on a database of its own, and on these Redis servers or on one of its own.

    Skips where there is no real Redis to break.
    """
    needs.program("redis-server")
    name = f"faults_{uuid.uuid4().hex[:16]}"
    plan = FleetPlan(
        module=module,
        workers=WORKERS,
        mongo_url=servers.mongo.url,
        database=name,
        folder=folder,
    )
    client: MongoClient[dict[str, object]] = MongoClient(servers.mongo.url)
    with client, ExitStack() as exits:
        exits.callback(client.drop_database, name)
        if redis_url:
            endpoints = cast(Any, [_Endpoint(redis_url)] * WORKERS)
            fleet = Fleet(plan, cast(OwnRedis, None), endpoints)
            exits.callback(fleet.discard)
            fleet.start()
        else:
            fleet = exits.enter_context(running_fleet(plan))
        yield FleetTestbed(fleet, lambda: client.drop_database(name))


@dataclass(frozen=True)
class _Endpoint:
    """What a fleet has of a proxy, where there is none."""

    url: str


def _leavers(load: Load) -> Sequence[Client]:
    """Have a client of each user log out, which a client does at random once in a thousand."""
    tokens = itertools.count(1_000_000)
    clients = [Client(load, number, tokens) for number in range(_USERS)]
    for client in clients:
        client.log_in()
        client.act("logout")
        client.close()
    return clients


Condition = Callable[[Sequence[RecordedOperation]], bool]


class _Watch:
    """Look on while clients work."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self._clients = clients
        self._from = [0 for _ in clients]

    def restart(self) -> None:
        """Look only at what begins to be recorded from now on."""
        self._from = [len(client.operations) for client in self._clients]

    def wait_for(self, condition: Condition) -> None:
        """Return as soon as the condition holds of what was recorded."""
        deadline = time.monotonic() + RECOVERY_S
        while not condition(seen := self._seen()):
            if any(client.error for client in self._clients):
                return
            assert time.monotonic() < deadline, (
                f"{len(seen)} answers and never {condition.__name__}"
            )
            time.sleep(_POLL_S)

    def _seen(self) -> list[RecordedOperation]:
        return [
            operation
            for client, start in zip(self._clients, self._from, strict=True)
            for operation in client.operations[start:]
        ]


class _Held:
    """The ``Hold`` of one strike, and from when until when that was."""

    def __init__(self, canary: Canary, watch: _Watch) -> None:
        self.period_ns = 0, 0
        self._canary = canary
        self._watch = watch

    def __call__(self, seconds: float, *, writes: bool = True) -> None:
        ends_at, began_ns = time.monotonic() + seconds, time.perf_counter_ns()
        if writes:
            self._canary.write()
        time.sleep(max(0.0, ends_at - time.monotonic()))
        self._watch.wait_for(_a_read_since(began_ns))
        if writes:
            self._watch.wait_for(_writes_everywhere_since(began_ns))
        self.period_ns = began_ns, time.perf_counter_ns()


def _hits(count: int) -> Condition:
    def enough_hits(operations: Sequence[RecordedOperation]) -> bool:
        hits = Counter(each.worker for each in operations if each.hit)
        return min(hits[worker] for worker in range(WORKERS)) >= count

    return enough_hits


def _reads(operations: Sequence[RecordedOperation]) -> bool:
    return sum(each.is_read and each.answered for each in operations) >= _CALM_READS


def _a_read_since(since_ns: int) -> Condition:
    def a_read(operations: Sequence[RecordedOperation]) -> bool:
        return any(
            each.is_read and each.answered and each.invoked_ns > since_ns for each in operations
        )

    return a_read


def _writes_everywhere_since(since_ns: int) -> Condition:
    def a_write_at_each_process(operations: Sequence[RecordedOperation]) -> bool:
        writes = [
            each
            for each in operations
            if not each.is_read and each.outcome is Outcome.OK and each.invoked_ns > since_ns
        ]
        return len({each.worker for each in writes}) == WORKERS

    return a_write_at_each_process


def _refusals(operations: Sequence[RecordedOperation]) -> bool:
    return any(each.status == UNAUTHORIZED for each in operations)
