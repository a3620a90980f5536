"""MongoDB is not there: the service says so in time, and is back when MongoDB is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import pytest

from benchmarks.stack.embedded import Stack, start_mongo
from benchmarks.stack.ports import HOST, held_port
from benchmarks.stack.relay import RelayMode
from tests.faults.process_callers import (
    at_once,
    call,
    improper,
    last_is_hit,
    longest_s,
    newest,
    repeated,
    seconds,
    stale,
)
from tests.faults.process_deployment import (
    DEADLINE_S,
    LEASE_S,
    DeploymentMember,
    ProcessDeployment,
    alive,
)
from tests.waiting import until

GIVEN_UP = "database does not answer yet"
EXPECTED = (
    f"503 with Retry-After while it is away, after the deadline of {DEADLINE_S:g} s; cached reads "
    "for a lease at most; /healthz 200, /readyz 503; back by itself"
)


@pytest.mark.fault("MongoDB", "unreachable", "the port refuses connections", EXPECTED)
def test_while_mongodb_refuses_connections_the_service_says_so_in_time(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    member = deployment.start()

    _outage(
        member,
        lambda: member.mongo.switch(RelayMode.REFUSE),
        lambda: member.mongo.switch(RelayMode.NORMAL),
        figures,
    )


@pytest.mark.fault("MongoDB", "killed", "kill -9 of the server, started again", EXPECTED)
def test_after_mongodb_was_killed_what_was_acknowledged_is_still_there(
    servers: Stack, tmp_path: Path, figures: dict[str, object]
) -> None:
    assert servers.redis is not None
    durable = ("--sync-on-commit",)
    with held_port() as port, ExitStack() as servers_end, ExitStack() as exits:
        mongo = start_mongo(tmp_path, port=port, extra_args=durable)
        servers_end.callback(mongo.discard)
        deployment = ProcessDeployment(mongo.url, servers.redis.url, tmp_path, exits)
        member = deployment.start()

        def restart() -> None:
            servers_end.callback(start_mongo(tmp_path, port=port, extra_args=durable).discard)

        _outage(member, mongo.discard, restart, figures)


@pytest.mark.fault(
    "MongoDB",
    "absent at start",
    "nothing listens; MongoDB comes later",
    "/healthz 200 before MongoDB has been waited for, /readyz and requests 503; then ready by "
    "itself",
)
def test_a_service_started_without_mongodb_is_alive_at_once(
    servers: Stack, tmp_path: Path, figures: dict[str, object]
) -> None:
    assert servers.redis is not None
    with held_port() as port, ExitStack() as servers_end, ExitStack() as exits:
        mongo_url = f"mongodb://{HOST}:{port}/?directConnection=true"
        deployment = ProcessDeployment(mongo_url, servers.redis.url, tmp_path, exits)
        env = {"DATABASE_DEADLINE_SECONDS": "3", "LOG_LEVEL": "INFO"}
        log = tmp_path / "service.log"
        member = deployment.spawn(log=log, env=env)
        url = member.url
        until(lambda: "Started server process" in log.read_text(), "start")
        alive = until(lambda: call(url, "GET", "/healthz").status == 200, "life")
        until(lambda: GIVEN_UP in log.read_text(), "end of the first wait for MongoDB")
        before, _ = log.read_text().split(GIVEN_UP, 1)
        who = {"email": "ann@example.org", "password": "x" * 12}
        with ThreadPoolExecutor() as pool:
            asked_ready = pool.submit(call, url, "GET", "/readyz")
            asked_login = pool.submit(call, url, "POST", "/auth/login", who)
        ready, login = asked_ready.result(), asked_login.result()
        mongo = start_mongo(tmp_path, port=port)
        servers_end.callback(mongo.discard)
        readiness = until(lambda: call(url, "GET", "/readyz").status == 200, "readiness")
        mongo.discard()
        member.process.stop()
        # Nor is it needed to end.
        assert member.process.poll() == 0

    figures["/healthz 200 after"] = seconds(alive)
    figures["/readyz"] = ready.status
    figures["login"] = login.status
    figures["ready after MongoDB came"] = seconds(readiness)
    # The start must not wait for it, not even once.
    assert "Application startup complete" in before
    assert ready.status == 503
    assert login.refuses_properly


def _outage(
    member: DeploymentMember,
    strike: Callable[[], object],
    mend: Callable[[], object],
    figures: dict[str, object],
) -> None:
    """Take MongoDB away for longer than a lease, and judge every answer of the time."""
    reader, writer = member.sign_up_and_cache(), member.sign_up_and_cache()
    with (
        repeated(lambda: reader.read(member.url)) as reads,
        repeated(lambda: writer.read(member.url)) as fresh,
        alive(member, figures) as wait_until_unready,
    ):
        strike()
        struck = perf_counter()
        refused = at_once(lambda: writer.add(member.url, "refused"), 8)
        until(lambda: newest(reads, since=struck) == 503, "the end of the lease")
        wait_until_unready()
        mending = perf_counter()
        mend()
        mended = perf_counter()
        until(lambda: writer.add(member.url, "after").status == 201, "write")
        acked = perf_counter()
        until(lambda: last_is_hit(reads, since=acked) and last_is_hit(fresh, since=acked), "hit")
    # One that is asked in the outage and answered after it may well be answered.
    during = [read for read in reads if struck < read.began and read.ended < mending]
    served = [read.began - struck for read in during if read.status == 200]
    every = [*reads, *fresh, *refused]
    old = [*stale(reads, "before", since=0), *stale(fresh, "after", since=acked)]

    figures["cached reads until"] = seconds(max(served, default=0.0))
    figures["longest answer"] = seconds(longest_s([*during, *refused]))
    figures["writes again after"] = seconds(acked - mended)
    figures["5xx other than 503"] = len(improper(every))
    figures["stale"] = len(old)
    assert all(answer.refuses_properly for answer in refused), refused
    assert len(served) < len(during)
    assert max(served, default=0.0) <= LEASE_S
    assert {answer.status for answer in every} == {200, 503}
    assert improper(every) == []
    assert old == []
