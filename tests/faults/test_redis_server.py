"""Redis that is not there, killed, stopped, restarted, or does not let its clients in."""

import time

import pytest

from benchmarks.coherence.verify.schedule import Fault
from benchmarks.stack.embedded import Stack
from tests.faults.redis_faults import (
    again_and_again,
    held,
    paused,
    planned,
    sleeping,
    until_counted,
)
from tests.faults.redis_rows import assert_harmless, row
from tests.faults.redis_servers import (
    absent,
    allow_debugging,
    no_clients_admitted,
    start_without_redis,
)
from tests.faults.stage import NAIVE, Stage, Strike, staged

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]

ROWS = [
    pytest.param(
        planned(Fault.KILL, 0.8),
        marks=row(
            "Redis is killed",
            "`kill -9`, back empty after 0.8 s",
            "reads come from the database; one write waits for a lease (0.3 s here), then none",
        ),
        id="killed",
    ),
    pytest.param(
        planned(Fault.KILL, 0.0, meets_a_write=False),
        marks=row(
            "Redis is restarted, empty",
            "`kill -9` and started again at once",
            "the new run id closes the fence; cold, then used again",
        ),
        id="restarted",
    ),
    pytest.param(
        planned(Fault.STOP_SHORT, 0.1, meets_a_write=False),
        marks=row(
            "Redis is stopped for 0.1 s",
            "SIGSTOP, SIGCONT: what was sent meanwhile is executed late",
            "late commands do no harm; a mark waits that long and closes nothing",
        ),
        id="stopped-0.1-s",
    ),
    pytest.param(
        planned(Fault.STOP, 1.0),
        marks=row(
            "Redis is stopped for 1 s",
            "SIGSTOP, SIGCONT: what was sent meanwhile is executed late",
            "late commands do no harm; writes close the fence and are acknowledged",
        ),
        id="stopped-1-s",
    ),
    pytest.param(
        planned(Fault.STOP_LONG, 4.0),
        marks=row(
            "Redis is stopped for 4 s",
            "SIGSTOP, SIGCONT: what was sent meanwhile is executed late",
            "as for 1 s; no write waits for Redis to come back",
        ),
        id="stopped-4-s",
    ),
    pytest.param(
        held(paused(1000, writes_only=False), 1.0),
        marks=row(
            "Redis keeps all its clients waiting",
            "CLIENT PAUSE 1000 ALL",
            "as if it were stopped",
        ),
        id="paused",
    ),
    pytest.param(
        held(paused(1000, writes_only=True), 1.0),
        marks=row(
            "Redis keeps those who write waiting",
            "CLIENT PAUSE 1000 WRITE",
            "reads may hit until the first write closes the fence",
        ),
        id="writes-paused",
    ),
    pytest.param(
        held(no_clients_admitted(), 1.0),
        marks=row(
            "Redis admits no client",
            "CONFIG SET maxclients 1, CLIENT KILL TYPE normal",
            "refused connections count as an outage; used again once there is room",
        ),
        id="maxclients",
    ),
    pytest.param(
        planned(Fault.ROLLBACK, 0.5),
        marks=row(
            "Redis comes back with what had been deleted",
            "SAVE, half a second of writes, `kill -9`, started from that dump",
            "nothing from before the restart is ever read: its namespace belongs to a run id",
        ),
        id="rolled-back",
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
    "Redis comes back with what had been deleted, and nobody writes meanwhile",
    "a value is stored, SAVE, a write deletes it, `kill -9`, started from that dump",
    "the old value is there again and is not read",
)
def test_a_restart_from_a_dump_brings_nothing_back(
    stage: Stage, figures: dict[str, object]
) -> None:
    redis, witness = stage.fleet.redis, stage.witness
    witness.recovered_s()
    with redis.client() as client:
        client.save()
    witness.write()
    redis.process.kill()
    redis.restart(dump=True)
    stale = witness.stale_reads()
    figures["hits again after"] = f"{witness.recovered_s():.1f} s"
    stale += witness.stale_reads()
    figures["stale"] = stale

    assert stale == 0


@row(
    "Redis is slow",
    "DEBUG SLEEP 0.2, again and again for 1 s",
    "reads give up after 50 ms; after three in a row the process leaves it alone for a second",
)
def test_a_slow_redis_is_given_up_for_a_while(stage: Stage, figures: dict[str, object]) -> None:
    allow_debugging(stage.fleet)

    slow = until_counted(again_and_again(sleeping, 0.05), "unavailable")
    outcome = stage.under(held(slow, 1.0))
    figures.update(outcome.figures())

    assert_harmless(outcome)


@row(
    "Redis is not there at the start",
    "no process; it is started under load",
    "the service starts and serves uncached, and uses Redis when it comes",
)
def test_a_service_without_redis_starts_and_uses_it_when_it_comes(
    stage: Stage, figures: dict[str, object]
) -> None:
    started = time.monotonic()
    start_without_redis(stage.fleet, stage.drop_database)
    figures["both processes ready after"] = f"{time.monotonic() - started:.1f} s"

    outcome = stage.under(held(absent, 0.5), hits_before=False)
    figures.update(outcome.figures())

    assert_harmless(outcome)
    assert outcome.hits_meanwhile == []


@row(
    "control: cache-aside with DEL, when what it had deleted comes back",
    "SAVE, half a second of writes, `kill -9`, started from that dump",
    "stale reads, or this matrix could not see any",
)
def test_the_naive_rival_is_seen_to_be_stale(
    servers: Stack, figures: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with staged(servers, tmp_path_factory.mktemp("naive"), module=NAIVE) as stage:
        outcome = stage.under(planned(Fault.ROLLBACK, 0.5))
    figures.update(outcome.figures())

    assert outcome.stale > 0
