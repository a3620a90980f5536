"""Four service processes behind one address: a session never sees older than it wrote or saw."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.coherence.clients import Client, Load, OneRequest, User, register
from benchmarks.coherence.fleet import Fleet
from benchmarks.coherence.history import OperationKind
from benchmarks.coherence.verify.faults import Fault
from benchmarks.coherence.verify.run import lines
from benchmarks.stack.embedded import Stack
from benchmarks.stack.proxy import start_proxy
from tests import needs
from tests.chaos.under_faults import fleet_of, reads_from_redis, summary_under

pytestmark = pytest.mark.servers

REPLICAS = 4
BREAKING = (Fault.WORKER_KILL, Fault.ROLLBACK, Fault.DROP_REQUESTS)
NUMBERS = itertools.count(100)
"""Of users that no run of the load has."""


@pytest.fixture(scope="module", autouse=True)
def _needs_a_real_redis() -> None:
    needs.program("redis-server")


@pytest.fixture(scope="module")
def fleet(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("replicas")
    with fleet_of("cached", servers, folder, workers=REPLICAS, one_address=True) as fleet:
        yield fleet


def test_a_session_reads_its_own_writes_on_every_replica(fleet: Fleet, tmp_path: Path) -> None:
    user = User(next(NUMBERS))
    register([user], fleet.urls[0])
    with start_proxy(*fleet.urls, log=tmp_path / "log") as balancer:
        load = Load(urls=[balancer.url], users=[user], seed=1, connect=OneRequest)
        client = Client(load, 0, itertools.count(1))
        client.log_in()
        client.act("create")
        [todo] = user.todos
        before = balancer.state().made
        for revision in range(2, 8):
            body = {"task": f"t{revision}"}
            client.do(OperationKind.UPDATE, f"/todo/{todo}", todo=todo, body=body)
            seen = [client.do(OperationKind.LIST, "/todo/").revisions for _ in range(REPLICAS)]

            assert seen == [{todo: revision}] * REPLICAS
        spread = [now - then for now, then in zip(balancer.state().made, before, strict=True)]
        # Else it was the database that was never stale.
        reads_from_redis(client)

    assert len(spread) == REPLICAS
    assert max(spread) - min(spread) <= 1
    assert sum(spread) == 6 * (1 + REPLICAS)


def test_no_replica_serves_an_old_value_while_redis_and_a_replica_break(fleet: Fleet) -> None:
    summary = summary_under(fleet, BREAKING)

    assert summary.violations == 0, summary
    assert summary.exit_code == 0, summary
    assert set(summary.faults) == set(BREAKING)
    assert min(summary.history.given) > 0
    assert f"{REPLICAS}  replicas behind one address" in lines(summary)[1]
