"""A service process is asked to end, stands still, or loses its caller in the middle of a write."""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
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
    Answers,
    CallerAnswer,
    CallingPerson,
    ask,
    seconds,
)
from tests.faults.process_deployment import PATIENT, ProcessDeployment
from tests.waiting import until

CONNECTIONS = 30
BEFORE = 3
"""So many writes of each connection are answered before."""
ENDING = "Shutting down"
QUEUED = 8
MARK_S = 2 * float(PATIENT["DATABASE_DEADLINE_SECONDS"])
SLOW = PATIENT | {"CACHE_LEASE_SECONDS": "2"}
"""A lease is waited for; nothing else ends by itself."""


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
    sent = [Answers() for _ in person.todo_ids]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for todo, some in zip(person.todo_ids, sent, strict=True):
            pool.submit(_keep_writing, person, todo, some)
        until(lambda: all(len(some) >= BEFORE for some in sent), "answers to all")
        member.mongo.switch(RelayMode.HOLD)
        until(lambda: deployment.marks(person) == CONNECTIONS, "write of each in flight")
        asked = perf_counter()
        os.kill(member.process.pid, signal.SIGTERM)
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
        reads = Answers(_answered(connection) for connection in queued)
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
