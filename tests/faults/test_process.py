"""A service process is asked to end, stopped or set wrong, or loses its caller or its log."""

import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import Signals
from time import perf_counter, perf_counter_ns
from urllib.parse import urlsplit

import pytest

from benchmarks.coherence.clients import request
from benchmarks.measure.client import Connection, read_answer
from benchmarks.stack.relay import RelayMode
from tests.faults.page import fault, row
from tests.faults.process_callers import (
    NO_ANSWER,
    PATIENCE_S,
    CallerAnswer,
    CallerAnswers,
    CallingPerson,
    ask,
    seconds,
)
from tests.faults.process_clock import BACK, FORWARD, HOUR
from tests.faults.process_deployment import (
    PATIENT,
    DeploymentMember,
    ProcessDeployment,
)
from tests.waiting import until

CONNECTIONS = 30
BEFORE = 3
"""So many writes of each connection are answered before."""
ENDING = "Shutting down"
QUEUED = 8
MARK_S = 2 * float(PATIENT["DATABASE_DEADLINE_SECONDS"])
SLOW = PATIENT | {"CACHE_LEASE_SECONDS": "2"}
"""A lease is waited for; nothing else ends by itself."""
CLOCK_LEASE_S = 2.0
"""Long enough for a read that is asked for when MongoDB was cut off."""


# Several workers are not forked: each imports the service, which a busy machine may take long for.
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "workers", [row(count, f"SIGTERM under load, --workers {count}") for count in (1, 2)]
)
def test_a_busy_service_that_is_asked_to_end_fails_no_request_that_it_had_taken(
    deployment: ProcessDeployment, figures: dict[str, object], workers: int
) -> None:
    member = deployment.start(workers=workers, env=PATIENT | {"LOG_LEVEL": "INFO"})
    person = member.sign_up()
    for _ in range(CONNECTIONS):
        person.has_todo("new")
    # In the order in which the database gives them.
    person.todo_ids.sort()
    sent = [CallerAnswers() for _ in person.todo_ids]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for todo, some in zip(person.todo_ids, sent, strict=True):
            pool.submit(_keep_writing, person, todo, some)
        until(lambda: all(len(some) >= BEFORE for some in sent), "answers to all")
        member.mongo.switch(RelayMode.HOLD)
        until(lambda: deployment.marks(person) == CONNECTIONS, "write of each in flight")
        asked = perf_counter()
        os.kill(member.process.pid, Signals.SIGTERM)
        until(lambda: member.process.log_tail(100).count(ENDING) >= workers, "begin of the end")
        member.mongo.switch(RelayMode.NORMAL)
        until(lambda: member.process.poll() is not None, "end")
        ended = perf_counter()
    every = [one for some in sent for one in some]
    in_flight = [one for one in every if one.began < asked < one.ended]
    # The last write of each connection has no answer, and was not taken.
    last = [str(len(some) - 1) for some in sent]
    stored = zip(deployment.stored(person), last, strict=True)

    figures["answered before"] = len(every) - len(in_flight) - CONNECTIONS
    figures["in flight and answered"] = len(in_flight)
    figures["ended after"] = seconds(ended - asked)
    assert [one.status for one in in_flight] == [200] * CONNECTIONS
    assert {one.status for one in every} <= {200, NO_ANSWER}
    assert [heading for heading, untaken in stored if heading == untaken] == []
    assert member.process.poll() == 0


def _keep_writing(person: CallingPerson, todo_id: str, sent: list[CallerAnswer]) -> None:
    """Write one number after the other, until there is no answer, and note each."""
    path = f"/todo/{todo_id}"
    with Connection(person.url) as connection:
        while not sent or sent[-1].status:
            body = {"heading": str(len(sent))}
            sent.append(ask(connection, request("PUT", path, token=person.token, body=body)))


@fault("wall clock set")
def test_leases_last_as_long_as_ever_when_the_wall_clock_is_set(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    member = deployment.start(
        module="tests.faults.process_clock", env={"CACHE_CLOCK_LEASE_SECONDS": str(CLOCK_LEASE_S)}
    )
    last_s = 0.0
    for steps in (((FORWARD, HOUR),), ((BACK, timedelta()), (BACK, -HOUR))):
        for step, offset in steps:
            _set_clock(member, step, offset)
        last_s = max(last_s, _lives_on(member))

    figures["cached reads until"] = f"{seconds(last_s)} after MongoDB was cut off"
    assert last_s <= CLOCK_LEASE_S
    assert deployment.closings() == 0


def _set_clock(member: DeploymentMember, step: Signals, offset: timedelta) -> None:
    os.kill(member.process.pid, step)
    until(lambda: _is_ahead(member, offset), "other time")


def _is_ahead(member: DeploymentMember, offset: timedelta) -> bool:
    """Tell whether the clock of a process is ``offset`` ahead of ours, to half an hour."""
    profile = member.sign_up().call("GET", "/auth/me")
    known = datetime.fromisoformat(json.loads(profile.body)["created_at"])
    return abs(known - datetime.now(UTC) - offset) < HOUR / 2


def _lives_on(member: DeploymentMember) -> float:
    """Write, read, and cut MongoDB off; return for how many seconds the cache answered then.

    A new account does it: the service refuses a token that was issued in its future.
    """
    person = member.sign_up_and_cache()
    with person.reading() as reads:
        assert person.rename("after").status == 200
        acked = perf_counter()
        reads.wait_for_hit(since=acked)
        member.mongo.switch(RelayMode.REFUSE)
        cut = perf_counter()
        reads.wait_for_hit(since=cut)
        reads.wait_for(503, since=cut)
        served = [read.began - cut for read in reads if read.status == 200]
        member.mongo.switch(RelayMode.NORMAL)
        reads.wait_for_hit(since=cut + CLOCK_LEASE_S)
    assert reads.statuses == {200, 503}
    reads.must_show("after", since=acked)
    return max(served)


@fault("stopped while another writes")
def test_a_process_that_outlived_its_lease_serves_nothing_old_when_it_goes_on(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    stopped, writer = deployment.start(env=SLOW), deployment.start(env=SLOW)
    person = stopped.sign_up_and_cache()
    closings = deployment.closings()
    stopped.process.pause()
    # Nothing is invalidated: what was cached stays in Redis, and only the lease keeps it unread.
    writer.redis.switch(RelayMode.REFUSE)
    written = person.at(writer.url).rename("after")
    acked = perf_counter()
    cached = deployment.cached(person)
    with ExitStack() as connections:
        asking = request("GET", "/todo/", token=person.token)
        queued = [connections.enter_context(_asked(stopped.url, asking)) for _ in range(QUEUED)]
        stopped.process.resume()
        reads = CallerAnswers(_answered(connection) for connection in queued)
    reads += [person.read() for _ in range(QUEUED)]

    figures["write acknowledged after"] = seconds(written.took_s)
    figures["fence closed"] = deployment.closings() - closings
    assert written.status == 200
    assert cached
    assert deployment.closings() > closings
    assert reads.statuses == {200}
    reads.must_show("after", since=acked)


@fault("client gone mid-write")
def test_a_write_whose_caller_goes_away_is_finished(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    member = deployment.start(env=PATIENT)
    person = member.sign_up_and_cache()
    path = f"/todo/{person.todo_ids[0]}"
    asking = request("PUT", path, token=person.token, body={"heading": "after"})
    member.mongo.switch(RelayMode.HOLD)
    with _asked(member.url, asking):
        until(lambda: deployment.marks(person) > 0, "mark")
        marked = perf_counter()
    with person.reading() as reads:
        member.mongo.switch(RelayMode.NORMAL)
        settled_s = until(lambda: not deployment.marks(person), "clear")
        settled = perf_counter()
        reads.wait_for_hit(since=settled)

    figures["mark gone after"] = f"{settled_s:.2f} s of {MARK_S:g} s"
    assert deployment.stored(person) == ["after"]
    assert settled - marked < MARK_S
    reads.must_show("after", since=settled)


@pytest.mark.parametrize("full", [row(False, "log pipe closed"), row(True, "log disk full")])
def test_a_service_whose_log_nobody_takes_keeps_serving(
    deployment: ProcessDeployment, tmp_path: Path, figures: dict[str, object], *, full: bool
) -> None:
    log, reader = Path("/dev/full"), None
    if not full:
        log = tmp_path / "pipe"
        os.mkfifo(log)
        reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    elif not log.exists():
        pytest.skip("this system has no /dev/full")
    member = deployment.start(log=log, env={"LOG_LEVEL": "INFO"})
    if reader is not None:
        os.close(reader)
    # Redis breaks, then MongoDB: both are logged, by requests and by what runs beside them.
    person = member.sign_up_and_cache()
    with person.reading() as reads:
        member.redis.switch(RelayMode.REFUSE)
        written = person.rename("during")
        member.redis.switch(RelayMode.NORMAL)
        reads.wait_for_hit(since=written.ended)
        without_redis = reads.statuses | {written.status}
        member.mongo.switch(RelayMode.REFUSE)
        reads.wait_for(503, since=perf_counter())
        member.mongo.switch(RelayMode.NORMAL)
        mended = perf_counter()
        again_s = reads.wait_for_hit(since=mended)

    figures["cached again after"] = seconds(again_s)
    assert without_redis == {200}
    assert reads.shown == ["during"]


def _asked(url: str, asking: bytes) -> socket.socket:
    """Send a request, and wait for nothing."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port), PATIENCE_S)
    connection.sendall(asking)
    return connection


def _answered(connection: socket.socket) -> CallerAnswer:
    began_ns = perf_counter_ns()
    got = read_answer(lambda: connection.recv(65_536))
    return CallerAnswer(got.status, got.headers, got.body, began_ns, perf_counter_ns() - began_ns)
