"""A Redis Cluster that breaks under load: users notice nothing but the time it takes."""

from collections.abc import Iterator
from functools import partial

import pytest

from benchmarks.stack.embedded import Stack
from tests.faults import page
from tests.faults.cluster_faults import (
    Broken,
    everything_killed,
    held_on,
    lagging,
    primaries_killed_in_turn,
    primary_handed_over,
    primary_killed,
    primary_stopped,
    slots_moved,
    values_of,
)
from tests.faults.testbed import FleetTestbed, fleet_on
from tests.redis_cluster import OwnCluster

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]

row = partial(page.row, "Redis Cluster")

ROWS = [
    row(
        (primary_killed, 2.0),
        "a primary of the cluster is killed",
        "`kill -9`; its replica takes over after half a second; started again after 2 s",
        "the map has another name: the fence closes, and a new namespace begins",
    ),
    row(
        (slots_moved, 0.5),
        "slots move to other primaries under load, and back",
        "MIGRATING, IMPORTING, MIGRATE and SETSLOT NODE for every slot in use",
        "no redirect is followed; uncached while slots move",
    ),
    row(
        (primary_stopped, 3.0),
        "a primary of the cluster is stopped for 3 s",
        "SIGSTOP, SIGCONT: its replica takes over; what was sent to it runs late",
        "late commands do no harm; it comes back as a replica",
        long=True,
    ),
    row(
        (primary_handed_over, 1.0),
        "a replica takes over in order, and hands back",
        "CLUSTER FAILOVER, twice",
        "the run ids stay, the replication ids do not: a new namespace each time",
        long=True,
    ),
    row(
        (primaries_killed_in_turn, 0.0),
        "ten times a primary is killed",
        "`kill -9`, started again after 3 s, the next 3 s later",
        "as for one; the cache is in use in between",
        long=True,
    ),
    row(
        (everything_killed, 1.0),
        "the whole cluster is killed",
        "`kill -9` of all six, started again after 1 s, empty",
        "uncached until it is whole again",
        long=True,
    ),
]


@pytest.fixture(scope="module", name="testbed")
def _testbed(
    cluster: OwnCluster, servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FleetTestbed]:
    with fleet_on(cluster.url, servers, tmp_path_factory.mktemp("testbed")) as testbed:
        yield testbed


@pytest.mark.parametrize("broken", ROWS)
def test_users_notice_nothing_but_the_time(
    testbed: FleetTestbed,
    cluster: OwnCluster,
    figures: dict[str, object],
    broken: tuple[Broken, float],
) -> None:
    outcome = testbed.harmless(held_on(cluster, *broken), figures=figures)

    assert outcome.fence_moves


@pytest.mark.fault(
    "Redis Cluster",
    "a replica of the cluster that lags takes over",
    "its link to the primary is cut, a write deletes a value on the primary, `kill -9`",
    "the old value is there again and is not read: it is of another incarnation",
)
def test_what_a_lagging_replica_brings_back_is_never_read(
    testbed: FleetTestbed, cluster: OwnCluster, figures: dict[str, object]
) -> None:
    canary = testbed.canary
    canary.settle()
    tag = f"{{{canary.user_id}}}"
    primary = cluster.primary_of(tag)
    with lagging(cluster, primary) as replica:
        canary.write()
        cluster.nodes[primary].kill()
        cluster.wait_until_primary(replica)
        brought_back = values_of(cluster, replica, f"*{tag}:todos")
        stale = canary.stale_reads()
        figures["hits again after"] = f"{canary.recovered_s():.1f} s"
        stale += canary.stale_reads()
    figures["stale"] = stale

    assert brought_back, "nothing was brought back, so nothing was shown"
    assert stale == 0
