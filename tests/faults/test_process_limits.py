"""A service process runs out of file descriptors."""

import resource
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter

import pytest

from benchmarks.coherence.verify.clients import request
from benchmarks.measure.client import ClientError, Connection
from benchmarks.stack.relay import RelayMode
from tests.faults.process_callers import (
    NO_ANSWER,
    Answer,
    Person,
    improper,
    last_is_hit,
    newest,
    repeated,
    seconds,
    stale,
    until,
)
from tests.faults.process_deployment import Deployment

CALLERS = 24
SPARE = 4
STARVED_S = 1.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of others are Linux's")


@pytest.mark.fault(
    "Process",
    "no file descriptors left",
    f"RLIMIT_NOFILE of the running process {SPARE} above what it has open, {CALLERS} callers; its "
    "connections to MongoDB and Redis reset, so that callers take their places",
    "connections refused, or answers 2xx or 503 with Retry-After; back by itself",
)
def test_a_service_without_file_descriptors_refuses_and_recovers(
    deployment: Deployment, figures: dict[str, object]
) -> None:
    member = deployment.start()
    person = member.sign_up_and_cache()
    reading, writing = _requests(person)
    with ExitStack() as callers:
        with _few_descriptors(member.process.pid):
            answered = [
                callers.enter_context(_held(member.url, reading if number % 2 else writing))
                for number in range(CALLERS)
            ]
            until(lambda: any(_refused(some) for some in answered), "refusal")
            for proxy in (member.mongo, member.redis):
                proxy.switch(RelayMode.RESET)
                proxy.switch(RelayMode.NORMAL)
            starved = perf_counter()
            until(lambda: perf_counter() - starved > STARVED_S, "end")
        relieved = perf_counter()
        until(
            lambda: all(newest(some, since=relieved) == 200 for some in answered), "answers to all"
        )
        recovered = perf_counter()
    with repeated(lambda: person.read(member.url)) as reads:
        until(lambda: last_is_hit(reads), "hit")
    every = [answer for some in answered for answer in some]
    lists = [one for one in [*every, *reads] if one.body.startswith(b"[")]
    old = stale(lists, "after", since=recovered)

    figures["refused connections"] = sum(one.status == NO_ANSWER for one in every)
    figures["answered"] = sum(one.status == 200 for one in every)
    figures["503"] = sum(one.refuses_properly for one in every)
    figures["all answered again after"] = seconds(recovered - relieved)
    figures["5xx other than 503"] = len(improper(every))
    figures["stale"] = len(old)
    assert improper(every) == []
    assert {one.status for one in every} <= {NO_ANSWER, 200, 503}
    assert improper(reads) == []
    assert old == []


def _requests(person: Person) -> tuple[bytes, bytes]:
    path = f"/todo/{person.todo_ids[0]}"
    return (
        request("GET", "/todo/", token=person.token),
        request("PUT", path, token=person.token, body={"heading": "after"}),
    )


@contextmanager
def _few_descriptors(pid: int) -> Iterator[None]:
    """Leave a process with few file descriptors to spare."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    count = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (count + SPARE, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


@contextmanager
def _held(url: str, asking: bytes) -> Iterator[list[Answer]]:
    """Send this again and again on one connection, and on a new one where it was refused."""
    with Connection(url) as connection, repeated(lambda: _ask(connection, asking)) as answers:
        yield answers


def _ask(connection: Connection, asking: bytes) -> Answer:
    began = perf_counter()
    try:
        got = connection.send(asking)
    except ClientError as error:
        return Answer(NO_ANSWER, {}, str(error).encode(), began, perf_counter())
    return Answer(got.status, got.headers, got.body, began, perf_counter())


def _refused(answers: list[Answer]) -> bool:
    return any(answer.status == NO_ANSWER for answer in answers)
