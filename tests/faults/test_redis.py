"""Redis and the way to it break under load: users notice nothing but the time that it takes."""

import time
from functools import partial

import pytest

from benchmarks.coherence.fleet import DEADLINE_S, INTERVALS
from benchmarks.coherence.history import Outcome
from benchmarks.coherence.verify.faults import Fault
from benchmarks.stack.embedded import Stack
from tests.faults.page import fault, row
from tests.faults.redis_faults import (
    absent,
    again_and_again,
    another_redis,
    command,
    configured,
    demoted,
    far_away,
    follow,
    held,
    planned,
    stand_alone,
    taken_away,
    until_closed,
    until_counted,
)
from tests.faults.testbed import NAIVE, FleetTestbed, Strike, fleet_testbed
from tests.waiting import until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]
CUT_OFF, CUT_OFF_S = 1, 2.0
LEASE_S = float(INTERVALS["CACHE_LEASE_SECONDS"])
SHORTEST_CYCLE_S = LEASE_S
"""A closed fence stays closed for a lease."""
SHORTEST_OPENING_S = LEASE_S + DEADLINE_S
"""An armed one, which the next failed mark closes, does not open before."""
SLOW = again_and_again(partial(command, line="CLIENT PAUSE 200 ALL"), 0.05)
FULL = configured({"maxmemory-policy": "noeviction", "maxmemory": "1"})

ROWS = [
    row(planned(Fault.KILL, 0.8), "Redis is killed"),
    row(planned(Fault.KILL, 0.0, meets_a_write=False), "Redis is restarted, empty"),
    row(planned(Fault.STOP_SHORT, 0.1, meets_a_write=False), "Redis is stopped for 0.1 s"),
    row(planned(Fault.STOP, 1.0), "Redis is stopped for 1 s"),
    row(planned(Fault.STOP_LONG, 4.0), "Redis is stopped for 4 s"),
    row(held(configured({}, "CLIENT PAUSE 1000 ALL"), 1.0), "Redis keeps all its clients waiting"),
    row(held(configured({}, "CLIENT PAUSE 1000 WRITE"), 1.0), "Redis keeps writes waiting"),
    row(
        held(configured({"maxclients": "1"}, "CLIENT KILL TYPE normal SKIPME yes"), 1.0),
        "Redis admits no client",
    ),
    row(planned(Fault.ROLLBACK, 0.5), "Redis comes back with what had been deleted"),
    row(planned(Fault.RESET, 0.8), "connections are reset"),
    row(planned(Fault.REFUSE, 0.8), "connections are refused"),
    row(planned(Fault.DROP_REQUESTS, 0.8), "connections are half open"),
    row(planned(Fault.DROP_REPLIES, 0.8), "replies are lost"),
    row(planned(Fault.HOLD, 0.8), "requests arrive late"),
    row(held(taken_away("ACL SETUSER default -@all"), 0.8), "the service may do nothing any more"),
    row(
        held(taken_away("ACL SETUSER default off", "CLIENT KILL USER default"), 0.8),
        "the service may not log in any more",
    ),
    row(
        held(taken_away("ACL SETUSER default resetkeys"), 1.2),
        "the service may ask how Redis is, and touch no key",
    ),
    row(
        held(demoted, 1.0, loses_marks=True),
        "Redis becomes the read-only replica of an empty server",
    ),
    row(planned(Fault.FLAG, 0.5), "the operator's flag flips under load"),
    row(held(until_counted(SLOW, "unavailable"), 1.0), "Redis is slow"),
    row(held(far_away(2.5), 2.0), "Redis is 5 ms away"),
    # Marks were taken if values are still refused after the writes: a closed fence asks for none.
    row(
        held(until_counted(FULL, "unavailable", after_writes=True), 1.0),
        "Redis is full and evicts nothing",
    ),
]
AWAY = [row(float(ms), f"Redis is {ms} ms away") for ms in (30, 60, 300, 3000)]
COPIES = [
    row("killed", "a failover to a copy that lags, made by Redis Sentinel"),
    row("open", "a failover to a copy that lags, made by hand"),
]


@pytest.mark.parametrize("strike", ROWS)
def test_users_notice_nothing_but_the_time(
    testbed: FleetTestbed, figures: dict[str, object], strike: Strike
) -> None:
    testbed.harmless(strike, figures=figures)


@fault("Redis comes back with what had been deleted, and nothing is written meanwhile")
def test_a_restart_from_a_dump_brings_nothing_back(
    testbed: FleetTestbed, figures: dict[str, object]
) -> None:
    redis, canary = testbed.fleet.redis, testbed.canary
    canary.recovered_s()
    with redis.client() as client:
        client.save()
    canary.write()
    redis.process.kill()
    redis.restart(dump=True)
    stale = canary.stale_reads()
    figures["hits again after"] = f"{canary.recovered_s():.1f} s"
    stale += canary.stale_reads()

    assert stale == 0


@fault("Redis is not there at the start")
def test_a_service_without_redis_starts_and_uses_it_when_it_comes(
    testbed: FleetTestbed, figures: dict[str, object]
) -> None:
    started = time.monotonic()
    testbed.start_without_redis()
    figures["both processes ready after"] = f"{time.monotonic() - started:.1f} s"

    outcome = testbed.harmless(held(absent, 0.5), hits_before=False, figures=figures)

    assert outcome.hits_meanwhile == []


@pytest.mark.parametrize("away", AWAY)
def test_a_redis_that_is_farther_away_than_the_database_is_left_alone(
    testbed: FleetTestbed, figures: dict[str, object], away: float
) -> None:
    strike = held(until_closed(far_away(away / 2), at_first=True), 2.0)
    outcome = testbed.harmless(strike, figures=figures)

    assert outcome.hits_meanwhile == []


@fault("one process of two is cut off from Redis")
def test_one_process_cut_off_turns_the_cache_off_for_all(
    testbed: FleetTestbed, figures: dict[str, object]
) -> None:
    outcome = testbed.harmless(
        planned(Fault.DROP_REQUESTS, CUT_OFF_S, worker=CUT_OFF), figures=figures
    )

    writes = [
        each
        for each in outcome.within(*outcome.held_ns)
        if each.worker == CUT_OFF and each.outcome is Outcome.OK and not each.is_read
    ]
    assert writes
    for write in writes:
        closed_until_ns = write.invoked_ns + round(SHORTEST_OPENING_S * 1e9)
        assert not any(each.hit for each in outcome.within(write.returned_ns, closed_until_ns))
    assert 1 <= outcome.fence_moves <= 2 + outcome.summary.seconds / SHORTEST_CYCLE_S


@fault("a process without Redis joins, and the flag flips")
def test_a_mixed_fleet_is_uncached(testbed: FleetTestbed, figures: dict[str, object]) -> None:
    testbed.restart(1, CACHE_ENABLED="false")
    outcome = testbed.under(planned(Fault.FLAG, 0.5), hits_before=False, hits_after=False)
    left = time.monotonic()
    testbed.restart(1, CACHE_ENABLED="true")
    testbed.canary.recovered_s()
    figures.update(outcome.figures())
    figures["hits again after it left"] = f"{time.monotonic() - left:.1f} s"

    outcome.assert_harmless()
    assert outcome.hits_meanwhile == []


@pytest.mark.parametrize("connections", COPIES)
def test_a_resync_brings_nothing_back(
    testbed: FleetTestbed, figures: dict[str, object], connections: str
) -> None:
    canary = testbed.canary
    with another_redis() as copy, testbed.fleet.redis.client() as redis:
        follow(copy, redis)
        canary.settle()
        stand_alone(copy)
        canary.write()
        follow(redis, copy, killing=connections == "killed")
        try:
            at_once = canary.stale_reads()
            if connections == "open":
                until(lambda: canary.stale_reads() == 0, "notice the other history")
            later = canary.stale_reads()
        finally:
            stand_alone(redis)
    figures["stale at once"] = at_once

    assert later == 0
    assert connections == "open" or at_once == 0


@fault("control: cache-aside with DEL, when what it had deleted comes back")
def test_the_naive_rival_is_seen_to_be_stale(
    servers: Stack, figures: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with fleet_testbed(servers, tmp_path_factory.mktemp("naive"), module=NAIVE) as testbed:
        outcome = testbed.under(planned(Fault.ROLLBACK, 0.5))
    stale = outcome.summary.stale + outcome.stale_for_canary
    figures.update(outcome.figures() | {"stale": stale})

    assert stale > 0
