"""Four service processes behind one address: a session never sees older than it wrote or saw."""

from collections.abc import Iterator

import pytest

from benchmarks.coherence.fleet import Fleet
from benchmarks.coherence.history import OperationKind
from benchmarks.coherence.verify.faults import Fault
from benchmarks.coherence.verify.run import lines
from benchmarks.stack.embedded import Stack
from tests import needs
from tests.chaos.under_faults import client_of, fleet_of, reads_from_redis, summary_under

pytestmark = pytest.mark.servers

REPLICAS = 4
BREAKING = (Fault.WORKER_KILL, Fault.ROLLBACK, Fault.DROP_REQUESTS)


@pytest.fixture(scope="module")
def fleet(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    needs.program("redis-server")
    folder = tmp_path_factory.mktemp("replicas")
    with fleet_of("cached", servers, folder, workers=REPLICAS, one_address=True) as fleet:
        yield fleet


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
    summary = summary_under(fleet, BREAKING)

    assert summary.violations == 0, summary
    assert summary.exit_code == 0, summary
    assert set(summary.faults) == set(BREAKING)
    assert min(summary.history.given) > 0
    assert f"{REPLICAS}  replicas behind one address" in lines(summary)[1]
