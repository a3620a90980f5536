"""A service process is asked to end while it is busy."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import pytest
from _pytest.mark import ParameterSet

from benchmarks.coherence.verify.clients import request
from benchmarks.measure.client import ClientError, Connection
from benchmarks.stack.relay import RelayMode
from tests.faults.process_callers import NO_ANSWER, Person, seconds, until
from tests.faults.process_deployment import PATIENT, Deployment, Member

CONNECTIONS = 30
BEFORE = 3
"""So many writes of each connection are answered before."""
ENDING = "Shutting down"


def _row(workers: int) -> ParameterSet:
    row = pytest.mark.fault(
        "Process",
        f"SIGTERM under load, --workers {workers}",
        f"kill -TERM while each of {CONNECTIONS} keep-alive connections has a write in flight, "
        "which MongoDB answers when the service has begun to end",
        "every request that it had taken is answered; exit code 0",
    )
    return pytest.param(workers, id=f"{workers} workers", marks=row)


@dataclass(frozen=True)
class Sent:
    """One write of one connection; ``number`` is what it wrote, the times are as in ``Answer``."""

    number: int
    status: int
    began: float
    ended: float


# Several workers are not forked: each imports the service, which a busy machine may take long for.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("workers", [_row(1), _row(2)])
def test_a_busy_service_that_is_asked_to_end_fails_no_request_that_it_had_taken(
    deployment: Deployment, figures: dict[str, object], workers: int
) -> None:
    member = deployment.start(workers=workers, env=PATIENT | {"LOG_LEVEL": "INFO"})
    person = member.sign_up()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: person.has_todo(member.url, "new"), range(CONNECTIONS)))
    sent: list[list[Sent]] = [[] for _ in person.todo_ids]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for todo, some in zip(person.todo_ids, sent, strict=True):
            pool.submit(_keep_writing, member, person, todo, some)
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
    failed = [one for one in in_flight if one.status != 200] + [
        some[-1]
        for todo, some in zip(person.todo_ids, sent, strict=True)
        if deployment.heading(todo) == str(some[-1].number)
    ]

    figures["answered before"] = len(every) - len(in_flight) - CONNECTIONS
    figures["in flight and answered"] = len(in_flight)
    figures["failed"] = len(failed)
    figures["exit code"] = member.process.poll()
    figures["ended after"] = seconds(ended - asked)
    assert failed == []
    assert len(in_flight) == CONNECTIONS
    assert {one.status for one in every} <= {200, NO_ANSWER}
    assert member.process.poll() == 0


def _keep_writing(member: Member, person: Person, todo_id: str, sent: list[Sent]) -> None:
    """Write one number after the other, until there is no answer, and note each."""
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
