"""A service process stands still for a while, or its caller goes away in the middle of a write."""

import socket
from contextlib import ExitStack
from time import perf_counter
from urllib.parse import urlsplit

import pytest

from benchmarks.coherence.verify.clients import request
from benchmarks.measure.client import read_answer
from benchmarks.stack.relay import RelayMode
from tests.faults.process_callers import (
    PATIENCE_S,
    Answer,
    Person,
    improper,
    last_is_hit,
    repeated,
    seconds,
    stale,
    until,
)
from tests.faults.process_deployment import PATIENT, Deployment, Member

QUEUED = 8
SLOW = PATIENT | {"CACHE_LEASE_SECONDS": "2"}
"""A lease is waited for; nothing else ends by itself."""


@pytest.mark.fault(
    "Process",
    "stopped while another writes",
    "SIGSTOP until the other process, which has lost Redis, has written: the old value stays there",
    f"the {QUEUED} reads that wait for it, and all later ones, are fresh",
)
def test_a_process_that_outlived_its_lease_serves_nothing_old_when_it_goes_on(
    deployment: Deployment, figures: dict[str, object]
) -> None:
    stopped, writer = deployment.start(env=SLOW), deployment.start(env=SLOW)
    person = stopped.sign_up_and_cache()
    closings = deployment.closings()
    stopped.process.pause()
    # Nothing is invalidated: what was cached stays in Redis, and only the lease keeps it unread.
    writer.redis.switch(RelayMode.REFUSE)
    written = person.rename(writer.url, "after")
    acked = perf_counter()
    cached = deployment.cached(person)
    with ExitStack() as connections:
        asking = request("GET", "/todo/", token=person.token)
        queued = [connections.enter_context(_asked(stopped.url, asking)) for _ in range(QUEUED)]
        stopped.process.resume()
        reads = [_answered(connection) for connection in queued]
    reads += [person.read(stopped.url) for _ in range(QUEUED)]
    old = stale(reads, "after", since=acked)

    figures["write acknowledged after"] = seconds(written.took_s)
    figures["fence closed"] = deployment.closings() - closings
    figures["5xx"] = sum(read.status >= 500 for read in reads)
    figures["stale"] = len(old)
    assert written.status == 200
    assert cached
    assert deployment.closings() > closings
    assert {read.status for read in reads} == {200}
    assert old == []


@pytest.mark.fault(
    "Process",
    "client gone mid-write",
    "the caller closes its connection while the commit is held",
    "commit and clear are finished, no mark is left, the next read is fresh",
)
def test_a_write_whose_caller_goes_away_is_finished(
    deployment: Deployment, figures: dict[str, object]
) -> None:
    member = deployment.start(env=PATIENT)
    person = member.sign_up_and_cache()
    left_s, ends = _abandoned_write(deployment, member, person)
    with repeated(lambda: person.read(member.url)) as reads:
        member.mongo.switch(RelayMode.NORMAL)
        settled_s = until(lambda: not deployment.marked(person), "clear")
        settled = perf_counter()
        until(lambda: last_is_hit(reads, since=settled), "hit")
    old = stale(reads, "after", since=settled)

    figures["mark gone after"] = f"{settled_s:.2f} s of {left_s:.0f} s"
    figures["5xx"] = sum(read.status >= 500 for read in reads)
    figures["stale"] = len(old)
    assert deployment.stored(person) == ["after"]
    assert settled < ends
    assert old == []
    assert improper(reads) == []


def _abandoned_write(deployment: Deployment, member: Member, person: Person) -> tuple[float, float]:
    """Leave a write when its mark stands; return for how long that would stay, and until when."""
    path = f"/todo/{person.todo_ids[0]}"
    asking = request("PUT", path, token=person.token, body={"heading": "after"})
    member.mongo.switch(RelayMode.HOLD)
    with _asked(member.url, asking):
        until(lambda: deployment.marked(person), "mark")
        now = perf_counter()
        left_s = deployment.mark_left_s(person)
    return left_s, now + left_s


def _asked(url: str, asking: bytes) -> socket.socket:
    """Send a request, and wait for nothing."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port), PATIENCE_S)
    connection.sendall(asking)
    return connection


def _answered(connection: socket.socket) -> Answer:
    began = perf_counter()
    got = read_answer(lambda: connection.recv(65_536))
    return Answer(got.status, got.headers, got.body, began, perf_counter())
