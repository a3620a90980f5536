"""A Redis Cluster that breaks under load: users notice nothing but the time it takes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from redis.crc import key_slot

from benchmarks.stack.embedded import Stack
from benchmarks.stack.ports import HOST
from tests.faults.page import fault, row
from tests.faults.redis_faults import held, until_closed
from tests.faults.testbed import FleetTestbed, fleet_testbed
from tests.redis_cluster import OwnCluster
from tests.waiting import until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]

ClusterFault = Callable[[OwnCluster], AbstractContextManager[None]]
_BATCH = 100


@contextmanager
def primary_killed(cluster: OwnCluster) -> Iterator[None]:
    """Kill a primary; its replica takes over, and it comes back as the replica of that."""
    number = _busiest(cluster)
    cluster.nodes[number].process.kill()
    yield
    cluster.nodes[number].restart()
    cluster.wait_whole()


@contextmanager
def primary_stopped(cluster: OwnCluster) -> Iterator[None]:
    """Stop a primary until its replica has taken over, and let it go on as if nothing was."""
    process = cluster.nodes[_busiest(cluster)].process
    process.pause()
    try:
        yield
    finally:
        process.resume()
    cluster.wait_whole()


@contextmanager
def primary_handed_over(cluster: OwnCluster) -> Iterator[None]:
    """Have a replica take over in order, and hand back."""
    number = _busiest(cluster)
    cluster.fail_over(cluster.replica_of(number))
    yield
    cluster.fail_over(number)


@contextmanager
def everything_killed(cluster: OwnCluster) -> Iterator[None]:
    """Kill all nodes, and start them with what they knew of each other and nothing else."""
    for node in cluster.nodes:
        node.process.kill()
    yield
    for node in cluster.nodes:
        node.restart()
    cluster.wait_whole()


@contextmanager
def slots_moved(cluster: OwnCluster) -> Iterator[None]:
    """Move every slot in use, key by key, to a primary that had it not; then back again."""
    moved: dict[int, tuple[int, int]] = {}
    for source in _primaries(cluster):
        target = next(each for each in _primaries(cluster) if each != source)
        for slot in _slots_in_use(cluster, source) - moved.keys():
            move(cluster, slot, source, target)
            moved[slot] = source, target
    yield
    for slot, (source, target) in moved.items():
        move(cluster, slot, target, source)
    cluster.wait_whole()


@contextmanager
def lagging(cluster: OwnCluster, primary: int) -> Iterator[int]:
    """Keep the replica of a primary from hearing of anything new; yields its number."""
    replica = cluster.replica_of(primary)
    offset = cluster.ask(primary, "ROLE")[1]
    until(lambda: cluster.ask(replica, "ROLE")[4] >= offset, "tell the replica what there is")
    # A password that the primary does not ask for is one that it refuses.
    cluster.ask(replica, "CONFIG", "SET", "masterauth", "nobody asks")
    cluster.ask(primary, "CLIENT", "KILL", "TYPE", "replica")
    try:
        yield replica
    finally:
        cluster.ask(replica, "CONFIG", "SET", "masterauth", "")
        cluster.nodes[primary].restart()
        cluster.wait_whole()


def values_of(cluster: OwnCluster, number: int, pattern: str) -> list[bytes]:
    """Return the values that a node holds under keys of this pattern."""
    keys: Any = cluster.ask(number, "KEYS", pattern)
    held: Any = [cluster.ask(number, "GET", key) for key in keys]
    return [value for value in held if value.startswith(b"V")]


def move(cluster: OwnCluster, slot: int, source: int, target: int) -> None:
    """Move a slot while it is in use, as ``redis-cli --cluster reshard`` does."""
    ids = {number: cluster.node_id(number) for number in (source, target)}
    cluster.ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
    cluster.ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
    port = cluster.nodes[target].port
    while keys := cluster.ask(source, "CLUSTER", "GETKEYSINSLOT", slot, _BATCH):
        cluster.ask(source, "MIGRATE", HOST, port, "", 0, 5000, "KEYS", *keys)
    for number in (target, source):
        cluster.ask(number, "CLUSTER", "SETSLOT", slot, "NODE", ids[target])


def _primaries(cluster: OwnCluster) -> list[int]:
    return [number for number in range(len(cluster.nodes)) if cluster.is_primary(number)]


def _busiest(cluster: OwnCluster) -> int:
    """Return the primary with the most keys, so that the fault hits keys in use."""
    return max(_primaries(cluster), key=lambda number: int(cluster.ask(number, "DBSIZE")))


def _slots_in_use(cluster: OwnCluster, number: int) -> set[int]:
    keys: Any = cluster.ask(number, "KEYS", "*")
    return {key_slot(key) for key in keys}


ROWS = [
    row((primary_killed, 2.0), "a primary of the cluster is killed"),
    row((primary_stopped, 3.0), "a primary of the cluster is stopped for 3 s"),
    row((primary_handed_over, 1.0), "a replica takes over in order, and hands back"),
    row((slots_moved, 0.5), "slots move to other primaries under load, and back"),
    row((everything_killed, 1.0), "the whole cluster is killed"),
]


@pytest.fixture(scope="module", name="testbed")
def _testbed(
    cluster: OwnCluster, servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FleetTestbed]:
    folder = tmp_path_factory.mktemp("testbed")
    with fleet_testbed(servers, folder, redis_url=cluster.url) as testbed:
        yield testbed


@pytest.mark.parametrize("fault", ROWS)
def test_users_notice_nothing_but_the_time(
    testbed: FleetTestbed,
    cluster: OwnCluster,
    figures: dict[str, object],
    fault: tuple[ClusterFault, float],
) -> None:
    broken, hold_s = fault
    strike = held(until_closed(lambda _: broken(cluster)), hold_s)
    outcome = testbed.harmless(strike, figures=figures)

    assert outcome.fence_moves


@fault("a replica of the cluster that lags takes over")
def test_what_a_lagging_replica_brings_back_is_never_read(
    testbed: FleetTestbed, cluster: OwnCluster, figures: dict[str, object]
) -> None:
    canary = testbed.canary
    canary.settle()
    tag = f"{{{canary.user_id}}}"
    primary = cluster.primary_of(tag)
    with lagging(cluster, primary) as replica:
        canary.write()
        cluster.nodes[primary].process.kill()
        cluster.wait_until_primary(replica)
        brought_back = values_of(cluster, replica, f"*{tag}:todos")
        stale = canary.stale_reads()
        figures["hits again after"] = f"{canary.recovered_s():.1f} s"
        stale += canary.stale_reads()

    assert brought_back, "nothing was brought back, so nothing was shown"
    assert stale == 0
