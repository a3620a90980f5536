"""A service process is asked to end while it is busy."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import pytest
from _pytest.mark import ParameterSet

from benchmarks.measure.client import ClientError, Connection
from benchmarks.stack.relay import Mode
from benchmarks.verify.users import request
from tests.faults.process_callers import NO_ANSWER, Person, seconds, until
from tests.faults.process_stage import Deployment, Member

CONNECTIONS = 30
PERIOD_S = 0.15
WAY_MS = 75.0
"""Long enough that most connections have a request in flight at any time."""
LOAD_S = 1.5
READ_BY_NOW_S = 0.1
"""A request that was sent this long ago has reached the service."""
ENDS_WITHIN_S = 10.0


PATIENT = {"DATABASE_DEADLINE_SECONDS": "5", "CACHE_LEASE_SECONDS": "2"}
"""A busy machine is to be slow here, and not to refuse."""


def _row(workers: int) -> ParameterSet:
    row = pytest.mark.fault(
        "Process",
        f"SIGTERM under load, --workers {workers}",
        f"kill -TERM under about {CONNECTIONS / PERIOD_S:.0f} writes/s on {CONNECTIONS} "
        "keep-alive connections",
        f"every request that it had taken is answered; exit code 0 within {ENDS_WITHIN_S:g} s",
    )
    return pytest.param(workers, id=f"{workers} workers", marks=row)


@dataclass(frozen=True)
class Sent:
    """One write of one connection; ``number`` is what it wrote, the times are as in ``Answer``."""

    number: int
    status: int
    began: float
    ended: float


@pytest.mark.parametrize("workers", [_row(1), _row(2)])
def test_a_busy_service_that_is_asked_to_end_fails_no_request_that_it_had_taken(
    deployment: Deployment, figures: dict[str, object], workers: int
) -> None:
    member = deployment.start(workers=workers, env=PATIENT)
    person = member.sign_up()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: person.has_todo(member.url, "new"), range(CONNECTIONS)))
    member.mongo.switch(Mode.DELAY, delay_ms=WAY_MS)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        began = perf_counter()
        clients = [pool.submit(_keep_writing, member, person, todo) for todo in person.todo_ids]
        time.sleep(LOAD_S)
        asked = perf_counter()
        os.kill(member.process.pid, signal.SIGTERM)
        until(lambda: member.process.poll() is not None, "end", ENDS_WITHIN_S)
        ended = perf_counter()
        sent = [client.result() for client in clients]
    every = [one for some in sent for one in some]
    in_flight = [one for one in every if one.status and one.began < asked < one.ended]
    failed = [
        some[-1]
        for todo, some in zip(person.todo_ids, sent, strict=True)
        if some[-1].began < asked - READ_BY_NOW_S
        or deployment.heading(todo) == str(some[-1].number)
    ]

    figures["requests/s"] = round(sum(one.began < asked for one in every) / (asked - began))
    figures["in flight and answered"] = len(in_flight)
    figures["failed"] = len(failed)
    figures["exit code"] = member.process.poll()
    figures["ended after"] = seconds(ended - asked)
    assert failed == []
    assert in_flight
    assert {one.status for one in every} <= {200, NO_ANSWER}
    assert member.process.poll() == 0


def _keep_writing(member: Member, person: Person, todo_id: str) -> list[Sent]:
    """Write one number after the other until there is no answer."""
    sent: list[Sent] = []
    path = f"/todo/{todo_id}"
    with Connection(member.url) as connection:
        while not sent or sent[-1].status:
            number = len(sent)
            asking = request("PUT", path, token=person.token, body={"heading": str(number)})
            began = perf_counter()
            try:
                status = connection.send(asking).status
            except ClientError:
                status = NO_ANSWER
            sent.append(Sent(number, status, began, perf_counter()))
            time.sleep(max(0.0, began + PERIOD_S - perf_counter()))
    return sent
