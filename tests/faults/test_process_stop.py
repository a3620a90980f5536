"""A service process stands still for a while, or its caller goes away in the middle of a write."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter
from urllib.parse import urlsplit

import pytest

from benchmarks.stack.relay import Mode
from benchmarks.verify.users import request
from tests.faults.process_callers import (
    Person,
    improper,
    last_is_hit,
    repeated,
    seconds,
    stale,
    until,
)
from tests.faults.process_stage import LEASE_S, Deployment, Member

STOPPED_S = 3.0
QUEUED = 8
ATTEMPTS = 5
PATIENT_S = 6.0
"""A database deadline that no step of the test comes near."""


@pytest.mark.fault(
    "Process",
    "stopped while another writes",
    f"SIGSTOP for {STOPPED_S:g} s; the other process has lost Redis, so the old value stays there",
    f"the {QUEUED} reads that wait for it, and all later ones, are fresh",
)
def test_a_process_that_outlived_its_lease_serves_nothing_old_when_it_goes_on(
    deployment: Deployment, figures: dict[str, object]
) -> None:
    stopped, writer = deployment.start(), deployment.start()
    person = stopped.sign_up()
    person.has_todo(stopped.url, "before")
    person.reads_hit(stopped.url)
    stopped.process.pause()
    paused = perf_counter()
    # Nothing is invalidated: what was cached stays in Redis, and only the lease keeps it unread.
    writer.redis.switch(Mode.REFUSE)
    written = person.rename(writer.url, "after")
    acked = perf_counter()
    cached = deployment.cached(person)
    with ThreadPoolExecutor(QUEUED) as pool:
        queued = [pool.submit(person.read, stopped.url) for _ in range(QUEUED)]
        time.sleep(max(0.0, STOPPED_S - (perf_counter() - paused)))
        stopped.process.resume()
        reads = [asked.result() for asked in queued]
    reads += [person.read(stopped.url) for _ in range(QUEUED)]
    old = stale(reads, "after", since=acked)

    figures["write acknowledged after"] = seconds(written.took_s)
    figures["fence closed"] = deployment.closings()
    figures["5xx"] = sum(read.status >= 500 for read in reads)
    figures["stale"] = len(old)
    assert written.status == 200
    assert cached
    assert deployment.closings() == 1
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
    member = deployment.start(env={"DATABASE_DEADLINE_SECONDS": str(PATIENT_S)})
    person = member.sign_up()
    person.has_todo(member.url, "before")
    left_s = _abandoned_write(deployment, member, person)
    with repeated(lambda: person.read(member.url)) as reads:
        member.mongo.switch(Mode.NORMAL)
        settled_s = until(lambda: not deployment.marked(person), "clear")
        settled = perf_counter()
        until(lambda: last_is_hit(reads, since=settled), "hit")
    old = stale(reads, "after", since=settled)

    figures["mark gone after"] = f"{settled_s:.2f} s of {left_s:.0f} s"
    figures["5xx"] = sum(read.status >= 500 for read in reads)
    figures["stale"] = len(old)
    assert deployment.stored(person) == ["after"]
    assert settled_s < left_s / 2
    assert old == []
    assert improper(reads) == []


def _abandoned_write(deployment: Deployment, member: Member, person: Person) -> float:
    """Leave a write when its mark stands, and return for how long the mark would stay."""
    address = urlsplit(member.url)
    path = f"/todo/{person.todo_ids[0]}"
    asking = request("PUT", path, token=person.token, body={"heading": "after"})
    for _ in range(ATTEMPTS):
        person.reads_hit(member.url)
        member.mongo.switch(Mode.HOLD)
        with socket.create_connection((address.hostname, address.port)) as caller:
            caller.sendall(asking)
            with suppress(AssertionError):
                until(lambda: deployment.marked(person), "mark", LEASE_S)
                return deployment.mark_left_s(person)
        # The lease ran out before the mark, on a busy machine.
        member.mongo.switch(Mode.NORMAL)
        until(lambda: deployment.stored(person) == ["after"], "write")
    pytest.fail("no write could be left in the middle")
