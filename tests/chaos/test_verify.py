"""Four processes behind one address, broken one fault after the other: never an old value.

The naive rival, broken alike, is caught by the same checker.
"""

import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.coherence.checker import check
from benchmarks.coherence.clients import ACTIONS, Client, User, register, request
from benchmarks.coherence.fleet import Fleet
from benchmarks.coherence.history import History, OperationKind
from benchmarks.coherence.summary import summarize
from benchmarks.coherence.verify.faults import Fault, Nemesis, Planned
from benchmarks.coherence.verify.run import Options, lines, observe, verify
from benchmarks.measure.client import Connection
from benchmarks.stack.embedded import Stack
from benchmarks.stack.relay import RelayMode
from benchmarks.variants.registry import CACHING
from tests import needs
from tests.faults.testbed import NAIVE, fleet_testbed
from tests.light_service import MODULE as LIGHT
from tests.waiting import until

pytestmark = pytest.mark.servers

REPLICAS = 4
LIGHT_CACHED = replace(CACHING["cached"], module=LIGHT)
NUMBERS = itertools.count(1000)
"""Of users that no run has."""
# Eight clients without a pause keep both cores busy for as long as the run takes.
CLIENTS, PAUSE_S = 8, 0.03
BREAKING = (Fault.WORKER_KILL, Fault.ROLLBACK, Fault.DROP_REQUESTS, Fault.DROP_REPLIES, Fault.HOLD)


@pytest.fixture(scope="module")
def fleet(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    with fleet_testbed(servers, folder, workers=REPLICAS, one_address=True) as testbed:
        yield testbed.fleet


@contextmanager
def client_of(fleet: Fleet) -> Iterator[Client]:
    """Yield a client of a new user that does what it is told."""
    user = User(next(NUMBERS))
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


def test_the_command_reports_a_run_of_ours_without_a_violation(servers: Stack) -> None:
    needs.program("redis-server")
    said = io.StringIO()
    options = Options(seconds=5, variant=LIGHT_CACHED, seed=1, workers=2, clients=2)
    code = verify(options, {"MONGODB_URL": servers.mongo.url}, Console(file=said))

    # On a slow machine too little happens to prove anything.
    assert code in {0, 3}, said.getvalue()
    assert said.getvalue().startswith("cached: ")
    assert " 0  stale reads (G1)" in said.getvalue()


def test_a_session_reads_its_own_writes_on_every_replica(fleet: Fleet) -> None:
    assert fleet.balancer is not None
    with client_of(fleet) as client:
        client.act("create")
        [todo] = client._user.todos
        before = fleet.balancer.state().made
        for revision in range(2, 8):
            body = {"task": f"t{revision}"}
            client.do(OperationKind.UPDATE, f"/todo/{todo}", todo=todo, body=body)
            seen = [client.do(OperationKind.LIST, "/todo/").revisions for _ in range(REPLICAS)]

            assert seen == [{todo: revision}] * REPLICAS
        spread = [now - then for now, then in zip(fleet.balancer.state().made, before, strict=True)]
        # Else it was the database that was never stale.
        reads_from_redis(client)

    assert len(spread) == REPLICAS
    assert max(spread) - min(spread) <= 1
    assert sum(spread) == 6 * (1 + REPLICAS)


def test_no_replica_serves_an_old_value_while_redis_and_a_replica_break(fleet: Fleet) -> None:
    def due() -> Iterator[Planned]:
        """Yield one fault after the other, each for a cache that works."""
        with client_of(fleet) as client:
            for fault in BREAKING:
                reads_from_redis(client)
                yield planned(fault, hold_s=0.5, worker=0)
            reads_from_redis(client)

    history = observe(fleet, due(), seed=1, clients=CLIENTS, pause_s=PAUSE_S)
    summary = summarize(history, variant="cached")

    assert summary.violations == 0, summary
    assert summary.exit_code == 0, summary
    assert set(summary.faults) == set(BREAKING)
    assert min(summary.history.given) > 0
    assert f"{REPLICAS}  replicas behind one address" in lines(summary)[1]


def test_a_client_notes_every_kind_of_operation(fleet: Fleet) -> None:
    with client_of(fleet) as client:
        # A client without todos asks for a todo that does not exist; a client with few todos
        # creates one in place of deleting one.
        for action in ("one", *["create"] * 6, *ACTIONS, "replay"):
            client.act(action)

    assert {operation.kind for operation in client.operations} == set(OperationKind)
    assert check(History(operations=client.operations)) == ()


def test_every_fault_strikes_loses_what_it_says_and_leaves_everything_working(fleet: Fleet) -> None:
    nemesis = Nemesis(fleet, sleep=lambda _: None)
    # A dump that is there already must not come back with Redis that was killed.
    for fault in (Fault.ROLLBACK, *Fault):
        with fleet.redis.client() as client:
            client.set("word", "kept")
        struck = nemesis.strike(planned(fault, hold_s=0.01, worker=0))

        assert struck is not None
        assert struck.kind == fault
        assert fleet.proxies[0].state().mode is RelayMode.NORMAL
        with fleet.redis.client() as client:
            # Whether memory that is short costs this key is left to Redis.
            if fault is not Fault.EVICT:
                assert client.exists("word") == (fault not in {Fault.KILL, Fault.FLUSH})
            assert client.config_get("maxmemory")["maxmemory"] == str(64 * 1024**2)
        with Connection(fleet.urls[0]) as connection:
            assert connection.send(request("GET", "/readyz")).status == 200


def test_the_naive_variant_which_has_no_switch_is_caught_by_the_same_checker(
    servers: Stack, tmp_path: Path
) -> None:
    with fleet_testbed(servers, tmp_path, module=NAIVE) as testbed:
        fleet = testbed.fleet
        assert Nemesis(fleet, sleep=lambda _: None).strike(planned(Fault.FLAG)) is None
        with client_of(fleet) as client:
            client.act("create")
            reads_from_redis(client)
            # It invalidates what the dump brings back.
            struck = Nemesis(fleet, sleep=lambda _: client.act("update")).strike(
                planned(Fault.ROLLBACK)
            )
            reads_from_redis(client)

    assert struck
    summary = summarize(History(operations=client.operations, faults=[struck]), variant="naive")
    assert summary.stale > 0
    assert summary.exit_code == 1
    assert summary.first_violation_s is not None
