"""A fleet whose Redis is broken once per row of the fault matrix, each time under a new load."""

import itertools
import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter_ns
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.coherence.clients import Client, Load, User, register, running_clients
from benchmarks.coherence.clients import request as http
from benchmarks.coherence.fleet import DEADLINE_S, Fleet, FleetPlan, OwnRedis, running_fleet
from benchmarks.coherence.history import (
    FaultRecord,
    History,
    Outcome,
)
from benchmarks.coherence.summary import summarize
from benchmarks.measure.client import Connection
from benchmarks.stack.embedded import Stack
from benchmarks.stack.server import mongo_client
from tests import needs
from tests.faults.outcome import WORKERS, FaultOutcome, Operations, refused, since
from tests.faults.process_callers import sign_up
from tests.light_service import MODULE as CACHED
from tests.waiting import until

NAIVE = "benchmarks.variants.rivals.naive"
_USERS, _CLIENTS = 3, 6
_HITS_BEFORE, _HITS_AFTER = 15, 40
_CALM_READS = 80
_PAUSE_S = 0.04
"""A hundred requests per second collide often enough, and leave CPU to the tests beside."""
_NS = 1_000_000_000


class Canary:
    """One user with one todo, at every process of a fleet, who writes once and reads.

    The load writes all the time, and every write mends what an earlier one left behind in Redis.
    Here no later write does: a deletion that never reached Redis leaves the old value to be read.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        person = sign_up(urls[0])
        self.user_id = person.user_id
        self._versions = itertools.count(1)
        self._heading = "version 0"
        person.has_todo(self._heading)
        self._at = [person.at(url) for url in urls]

    def recovered_s(self) -> float:
        """Wait until every process answers from the cache; return how long that took."""
        started = time.monotonic()
        for person in self._at:
            person.reads_hit()
        return time.monotonic() - started

    def settle(self) -> None:
        """Wait until the cache answers for a second, so that no change is still to be noticed."""
        until(self._is_steadily_hit, "go on answering from the cache")

    def write(self) -> None:
        """Change the todo, by way of the last process; fails unless that is acknowledged."""
        heading = f"version {next(self._versions)}"
        written = self._at[-1].rename(heading)
        assert written.status == 200, written
        self._heading = heading

    def stale_reads(self) -> int:
        """Read a few times at every process; return how often that was not the last version."""
        read = [person.read().headings() for _ in range(5) for person in self._at]
        return len(read) - read.count([self._heading])

    def _is_steadily_hit(self) -> bool:
        for _ in range(20):
            if not all(person.read().is_hit for person in self._at):
                return False
            time.sleep(0.05)
        return True


class LoadWatch:
    """Look on while clients work."""

    def __init__(self, clients: Sequence[Client], canary: Canary) -> None:
        self.canary = canary
        self.held_ns = 0, 0
        self._clients = clients

    def wait_for(self, what: str, happened: Callable[[Operations], object], since_ns: int) -> None:
        """Return as soon as this holds of what was asked for since, or a client has given up."""

        def seen() -> object:
            if any(client.error for client in self._clients):
                return True
            operations = [each for client in self._clients for each in tuple(client.operations)]
            return happened(since(operations, since_ns))

        until(seen, what, poll_s=0.05)

    def hold(self, seconds: float, *, writes: bool = True) -> None:
        """Keep a fault as it is for so long, and until the load had a read answered meanwhile.

        With ``writes`` the canary and the load, by way of each process, have had a write
        acknowledged meanwhile as well: none can have waited for the end of the fault.
        """
        began_ns = perf_counter_ns()
        if writes:
            self.canary.write()
        time.sleep(max(0.0, seconds - (perf_counter_ns() - began_ns) / _NS))
        self.wait_for("a read", _reads, began_ns)
        if writes:
            self.wait_for("a write at each process", _written_everywhere, began_ns)
        self.held_ns = began_ns, perf_counter_ns()


Strike = Callable[[Fleet, LoadWatch], FaultRecord]
"""Does a fault, holds it, undoes it, and tells when that was."""


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
            watch = LoadWatch(clients, canary)
            watch.wait_for("load", _hits(_HITS_BEFORE) if hits_before else _calm, 0)
            if hits_before:
                canary.recovered_s()
            fault = strike(self.fleet, watch)
            struck_ns = perf_counter_ns()
            watch.wait_for("recovery", _hits(_HITS_AFTER) if hits_after else _calm, struck_ns)
            if replays:
                watch.wait_for("a refusal", refused, struck_ns)
            stale = canary.stale_reads()
        operations = [each for client in [*leaving, *clients] for each in client.operations]
        history = History(operations=operations, faults=[fault], mark_s=2 * DEADLINE_S)
        fences, counted = (
            after - then for after, then in zip(cache_state(self.fleet), before, strict=True)
        )
        return FaultOutcome(
            summary=summarize(history),
            stale_for_canary=stale,
            held_ns=watch.held_ns,
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

    def start_without_redis(self) -> None:
        """Kill Redis and every service process, forget everybody, start the services alone."""
        for worker in range(WORKERS):
            self.fleet.process(worker).kill()
        self.fleet.redis.process.kill()
        self._drop_database()
        self._canary = None
        for worker in range(WORKERS):
            self.fleet.restart(worker)


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
    servers: Stack,
    folder: Path,
    *,
    module: str = CACHED,
    redis_url: str = "",
    workers: int = WORKERS,
    one_address: bool = False,
) -> Iterator[FleetTestbed]:
    """Run a fleet on a database of its own, and on these Redis servers or on one of its own.

    Skips where there is no real Redis to break.
    """
    needs.program("redis-server")
    name = f"faults_{uuid.uuid4().hex[:16]}"
    plan = FleetPlan(
        module=module,
        workers=workers,
        one_address=one_address,
        mongo_url=servers.mongo.url,
        database=name,
        folder=folder,
    )
    with mongo_client(servers.mongo.url) as client, ExitStack() as exits:
        exits.callback(client.drop_database, name)
        if redis_url:
            # All that a fleet has of a proxy, where there is none.
            proxies = cast(Any, [SimpleNamespace(url=redis_url)] * WORKERS)
            fleet = Fleet(plan, cast(OwnRedis, None), proxies)
            exits.callback(fleet.discard)
            fleet.start()
        else:
            fleet = exits.enter_context(running_fleet(plan))
        yield FleetTestbed(fleet, lambda: client.drop_database(name))


def _leavers(load: Load) -> Sequence[Client]:
    """Have a client of each user log out, which a client does at random once in a thousand."""
    tokens = itertools.count(1_000_000)
    clients = [Client(load, number, tokens) for number in range(_USERS)]
    for client in clients:
        client.log_in()
        client.act("logout")
        client.close()
    return clients


def _hits(count: int) -> Callable[[Operations], bool]:
    def enough(seen: Operations) -> bool:
        hits = Counter(each.worker for each in seen if each.hit)
        return min(hits[worker] for worker in range(WORKERS)) >= count

    return enough


def _reads(seen: Operations) -> int:
    return sum(each.is_read and each.answered for each in seen)


def _calm(seen: Operations) -> bool:
    return _reads(seen) >= _CALM_READS


def _written_everywhere(seen: Operations) -> bool:
    writes = [each for each in seen if not each.is_read and each.outcome is Outcome.OK]
    return len({each.worker for each in writes}) == WORKERS
