"""Redis that changes its role or its permissions, and a deployment that changes its flag."""

import time

import pytest

from benchmarks.coherence.verify.schedule import Fault
from tests.e2e.api_client import until
from tests.faults.redis_faults import held, planned
from tests.faults.redis_rows import assert_harmless, row
from tests.faults.redis_servers import another_redis, demoted, follow, stand_alone, taken_away
from tests.faults.stage import Stage, Strike

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]

ROWS = [
    pytest.param(
        held(taken_away("ACL SETUSER default -@all"), 0.8),
        marks=row(
            "the service may do nothing any more",
            "ACL SETUSER default -@all, its connections open",
            "every refusal counts as an outage; used again once it may",
        ),
        id="no-commands",
    ),
    pytest.param(
        held(taken_away("ACL SETUSER default off", "CLIENT KILL USER default"), 0.8),
        marks=row(
            "the service may not log in any more",
            "ACL SETUSER default off, CLIENT KILL USER default",
            "every refusal counts as an outage; used again once it may",
        ),
        id="no-login",
    ),
    pytest.param(
        held(taken_away("ACL SETUSER default resetkeys"), 1.2),
        marks=row(
            "the service may ask how Redis is, and touch no key",
            "ACL SETUSER default resetkeys",
            "a Redis that looks well is tried again; writes close the fence again",
        ),
        id="no-keys",
    ),
    pytest.param(
        held(demoted, 1.0, loses_marks=True),
        marks=row(
            "Redis becomes the read-only replica of an empty server",
            "REPLICAOF, after 1 s REPLICAOF NO ONE; the run id stays",
            "READONLY closes the fence; used again once it takes writes",
        ),
        id="demoted",
    ),
    pytest.param(
        planned(Fault.FLAG, 0.5),
        marks=row(
            "the operator's flag flips under load",
            "PUT /admin/cache off, on after 0.5 s",
            "off: uncached; on: what is cached is right, and nobody waits",
        ),
        id="flag",
    ),
]


@pytest.mark.parametrize("strike", ROWS)
def test_users_notice_nothing_but_the_time(
    stage: Stage, figures: dict[str, object], strike: Strike
) -> None:
    outcome = stage.under(strike)
    figures.update(outcome.figures())

    assert_harmless(outcome)


@row(
    "a process without Redis joins, and the flag flips",
    "one of two processes restarted with CACHE_ENABLED=false; PUT /admin/cache off and on",
    "the whole fleet is uncached and not stale, whatever the flag says; cached when it has left",
)
def test_a_mixed_fleet_is_uncached(stage: Stage, figures: dict[str, object]) -> None:
    stage.restart(1, CACHE_ENABLED="false")
    outcome = stage.under(planned(Fault.FLAG, 0.5), hits_before=False, hits_after=False)
    left = time.monotonic()
    stage.restart(1, CACHE_ENABLED="true")
    stage.witness.recovered_s()
    figures.update(outcome.figures())
    figures["hits again after it left"] = f"{time.monotonic() - left:.1f} s"

    assert_harmless(outcome)
    assert outcome.hits_meanwhile == []


LAGGING = [
    pytest.param(
        "killed",
        marks=row(
            "a failover to a copy that lags, made by Redis Sentinel",
            "a replica is promoted, misses an acknowledged write, and is then followed: "
            "REPLICAOF, CLIENT KILL; the run id stays",
            "what the copy brings back is never read: the server's incarnation is another one",
        ),
        id="connections-killed",
    ),
    pytest.param(
        "open",
        marks=row(
            "a failover to a copy that lags, made by hand",
            "REPLICAOF alone: the connections of the service stay open",
            "what the copy brings back is read for a look and a lease at most (residual risk R9)",
        ),
        id="connections-open",
    ),
]


@pytest.mark.parametrize("connections", LAGGING)
def test_a_resync_brings_nothing_back(
    stage: Stage, figures: dict[str, object], connections: str
) -> None:
    witness = stage.witness
    with another_redis() as copy, stage.fleet.redis.client() as redis:
        follow(copy, redis)
        witness.settle()
        stand_alone(copy)
        witness.write()
        follow(redis, copy, killing=connections == "killed")
        try:
            at_once = witness.stale_reads()
            if connections == "open":
                until(lambda: witness.stale_reads() == 0, "notice the other history")
            later = witness.stale_reads()
        finally:
            stand_alone(redis)
    figures["stale at once"] = at_once
    figures["stale later"] = later

    assert later == 0
    assert connections == "open" or at_once == 0
