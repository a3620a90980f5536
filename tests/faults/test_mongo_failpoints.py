"""MongoDB refuses, delays or cuts off single commands, by its own failpoint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from benchmarks.stack.embedded import Stack
from tests.faults.process_callers import improper, last_is_hit, repeated, seconds, shown, stale
from tests.faults.process_deployment import (
    APP_NAME,
    DEADLINE_S,
    PATIENT,
    DeploymentMember,
    ProcessDeployment,
)
from tests.waiting import until

HOST_UNREACHABLE, UNAUTHORIZED, WRITE_CONCERN_TIMEOUT = 6, 13, 64
ONCE, ALWAYS = {"times": 1}, "alwaysOn"
DELAYED = {"blockConnection": True, "blockTimeMS": round(2 * DEADLINE_S * 1000)}
UNCONFIRMED = {"writeConcernError": {"code": WRITE_CONCERN_TIMEOUT, "errmsg": "timed out"}}


class Failpoint:
    """The failpoint for inserts of the service; other clients of the server are spared."""

    def __init__(self, client: MongoClient[dict[str, object]]) -> None:
        self._client = client

    def set(self, mode: object, **data: object) -> None:
        """Let inserts fail in this way; raises ``OperationFailure`` where there is no failpoint."""
        data |= {"failCommands": ["insert"], "appName": APP_NAME}
        self._client.admin.command(
            {"configureFailPoint": "failCommand", "mode": mode, "data": data}
        )

    def off(self) -> None:
        self._client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


@pytest.fixture(scope="module")
def members(shared: ProcessDeployment) -> dict[int, DeploymentMember]:
    """Return a process for writes to be refused, and one that has all the time that they take."""
    return {503: shared.start(), 201: shared.start(env=PATIENT)}


@pytest.fixture
def failpoint(servers: Stack) -> Iterator[Failpoint]:
    with MongoClient[dict[str, object]](servers.mongo.url) as client:
        failpoint = Failpoint(client)
        try:
            failpoint.off()
        except OperationFailure as error:
            pytest.skip(f"{servers.mongo.label} refuses the failCommand failpoint: {error}")
        yield failpoint
        failpoint.off()


@dataclass(frozen=True)
class Failure:
    """How inserts fail, what is answered, and how many todos there may be at that moment."""

    mode: object
    data: Mapping[str, Any]
    status: int
    made: frozenset[int]


def _row(
    fault: str, mode: object, data: Mapping[str, Any], *, status: int, made: set[int]
) -> ParameterSet:
    expected = "the driver tries again: 201" if status == 201 else "503 with Retry-After in time"
    also = "; a retry with the same Idempotency-Key: one todo, seen at once"
    shown = ", ".join(f"{name} {value}" for name, value in data.items())
    mark = pytest.mark.fault("MongoDB", fault, f"failCommand on insert: {shown}", expected + also)
    return pytest.param(Failure(mode, data, status, frozenset(made)), id=fault, marks=mark)


@pytest.mark.parametrize(
    "failure",
    [
        _row("error, once", ONCE, {"errorCode": HOST_UNREACHABLE}, status=201, made={1}),
        _row("error that lasts", ALWAYS, {"errorCode": HOST_UNREACHABLE}, status=503, made={0}),
        _row("refused", ONCE, {"errorCode": UNAUTHORIZED}, status=503, made={0}),
        _row("connection closed, once", ONCE, {"closeConnection": True}, status=201, made={1}),
        _row("closed always", ALWAYS, {"closeConnection": True}, status=503, made={0}),
        _row("insert delayed", ONCE, DELAYED, status=503, made={0, 1}),
        _row("majority not confirmed", ONCE, UNCONFIRMED, status=503, made={1}),
    ],
)
def test_an_insert_that_mongodb_fails_makes_one_todo_in_the_end(
    shared: ProcessDeployment,
    members: dict[int, DeploymentMember],
    failpoint: Failpoint,
    figures: dict[str, object],
    failure: Failure,
) -> None:
    member = members[failure.status]
    person = member.sign_up_and_cache()
    with repeated(lambda: person.read(member.url)) as reads:
        failpoint.set(failure.mode, **failure.data)
        failed = person.add(member.url, "once", key="k")
        count = shared.stored(person).count("once")
        failpoint.off()
        until(
            lambda: person.add(member.url, "once", key="k").status == 201,
            "acknowledged retry",
        )
        acked = perf_counter()
        until(lambda: last_is_hit(reads, since=acked), "hit")
        # A delayed insert that comes late finds that the retry came first.
        late_s = failure.data.get("blockTimeMS", 0) / 1000
        until(lambda: perf_counter() - failed.began > late_s, "late insert")
    old = stale(reads, "once", since=acked)

    figures["the write was answered"] = f"{failed.status} after {seconds(failed.took_s)}"
    figures["duplicates"] = shared.stored(person).count("once") - 1
    figures["stale"] = len(old)
    assert failed.status == failure.status
    assert improper([failed, *reads]) == []
    assert count in failure.made
    assert shared.stored(person) == ["before", "once"]
    assert shown(reads) == ["before", "once"]
    assert old == []
