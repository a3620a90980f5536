"""A Redis Cluster that breaks under load: users notice nothing but the time it takes."""

import os
from collections.abc import Iterator

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.redis_cluster import OwnCluster
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
from tests.faults.redis_rows import assert_harmless
from tests.faults.several_stage import staged_on
from tests.faults.stage import Stage

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]

_LONG = pytest.mark.skipif(
    os.environ.get("FAULTS_PROFILE") != "long", reason="only with FAULTS_PROFILE=long"
)


def row(fault: str, injected: str, expected: str) -> pytest.MarkDecorator:
    """Return the mark of a row about a cluster."""
    return pytest.mark.fault("Redis Cluster", fault, injected, expected)


ROWS = [
    pytest.param(
        primary_killed,
        2.0,
        marks=row(
            "a primary of the cluster is killed",
            "`kill -9`; its replica takes over after half a second; started again after 2 s",
            "the map has another name: the fence closes, and a new namespace begins",
        ),
        id="primary-killed",
    ),
    pytest.param(
        slots_moved,
        0.5,
        marks=row(
            "slots move to other primaries under load, and back",
            "MIGRATING, IMPORTING, MIGRATE and SETSLOT NODE for every slot in use",
            "no redirect is followed; uncached while slots move",
        ),
        id="slots-moved",
    ),
    pytest.param(
        primary_stopped,
        3.0,
        marks=[
            row(
                "a primary of the cluster is stopped for 3 s",
                "SIGSTOP, SIGCONT: its replica takes over; what was sent to it runs late",
                "late commands do no harm; it comes back as a replica",
            ),
            _LONG,
        ],
        id="primary-stopped",
    ),
    pytest.param(
        primary_handed_over,
        1.0,
        marks=[
            row(
                "a replica takes over in order, and hands back",
                "CLUSTER FAILOVER, twice",
                "the run ids stay, the replication ids do not: a new namespace each time",
            ),
            _LONG,
        ],
        id="handed-over",
    ),
    pytest.param(
        primaries_killed_in_turn,
        0.0,
        marks=[
            row(
                "ten times a primary is killed",
                "`kill -9`, started again after 3 s, the next 3 s later",
                "as for one; the cache is in use in between",
            ),
            _LONG,
        ],
        id="killed-in-turn",
    ),
    pytest.param(
        everything_killed,
        1.0,
        marks=[
            row(
                "the whole cluster is killed",
                "`kill -9` of all six, started again after 1 s, empty",
                "uncached until it is whole again",
            ),
            _LONG,
        ],
        id="everything-killed",
    ),
]


@pytest.fixture(scope="module")
def stage(
    cluster: OwnCluster, servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with staged_on(cluster.url, servers, tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.mark.parametrize(("broken", "hold_s"), ROWS)
def test_users_notice_nothing_but_the_time(
    stage: Stage, cluster: OwnCluster, figures: dict[str, object], broken: Broken, hold_s: float
) -> None:
    outcome = stage.under(held_on(cluster, broken, hold_s))
    figures.update(outcome.figures())

    assert_harmless(outcome)
    assert outcome.fence_moves


@row(
    "a replica of the cluster that lags takes over",
    "its link to the primary is cut, a write deletes a value on the primary, `kill -9`",
    "the old value is there again and is not read: it is of another incarnation",
)
def test_what_a_lagging_replica_brings_back_is_never_read(
    stage: Stage, cluster: OwnCluster, figures: dict[str, object]
) -> None:
    witness = stage.witness
    witness.settle()
    tag = f"{{{witness.user_id}}}"
    primary = cluster.primary_of(tag)
    with lagging(cluster, primary) as replica:
        witness.write()
        cluster.nodes[primary].kill()
        cluster.wait_until_primary(replica)
        brought_back = values_of(cluster, replica, f"*{tag}:todos")
        stale = witness.stale_reads()
        figures["hits again after"] = f"{witness.recovered_s():.1f} s"
        stale += witness.stale_reads()
    figures["stale"] = stale

    assert brought_back, "nothing was brought back, so nothing was shown"
    assert stale == 0
