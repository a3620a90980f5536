"""MongoDB refuses, delays or cuts off single commands, by its own failpoint."""

from collections.abc import Callable, Iterator, Mapping
from time import perf_counter
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from benchmarks.stack.embedded import Stack
from tests.faults.page import row
from tests.faults.process_callers import CallerAnswers, seconds
from tests.faults.process_deployment import (
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


@pytest.fixture(scope="module")
def members(shared: ProcessDeployment) -> dict[int, DeploymentMember]:
    """Return a process for writes to be refused, and one that has all the time that they take."""
    return {503: shared.start(), 201: shared.start(env=PATIENT)}


@pytest.fixture
def failpoint(servers: Stack) -> Iterator[Callable[..., object]]:
    """Return what sets the failpoint for inserts of the service, and of no other client."""
    with MongoClient[dict[str, object]](servers.mongo.url) as client:

        def set_to(mode: object, **data: object) -> None:
            told: dict[str, object] = {"configureFailPoint": "failCommand", "mode": mode}
            if data:
                told["data"] = data | {"failCommands": ["insert"], "appName": "fivefold-service"}
            client.admin.command(told)

        try:
            set_to("off")
        except OperationFailure as error:
            pytest.skip(f"{servers.mongo.label} refuses the failCommand failpoint: {error}")
        yield set_to
        set_to("off")


@pytest.mark.parametrize(
    "failure",
    [
        row((ONCE, {"errorCode": HOST_UNREACHABLE}, 201), "error, once"),
        row((ALWAYS, {"errorCode": HOST_UNREACHABLE}, 503), "error that lasts"),
        row((ONCE, {"errorCode": UNAUTHORIZED}, 503), "refused"),
        row((ONCE, {"closeConnection": True}, 201), "connection closed, once"),
        row((ALWAYS, {"closeConnection": True}, 503), "closed always"),
        row((ONCE, DELAYED, 503), "insert delayed"),
        row((ONCE, UNCONFIRMED, 503), "majority not confirmed"),
    ],
)
def test_an_insert_that_mongodb_fails_makes_one_todo_in_the_end(
    shared: ProcessDeployment,
    members: dict[int, DeploymentMember],
    failpoint: Callable[..., object],
    figures: dict[str, object],
    failure: tuple[object, Mapping[str, Any], int],
) -> None:
    mode, data, status = failure
    person = members[status].sign_up_and_cache()
    with person.reading() as reads:
        failpoint(mode, **data)
        failed = person.add("once", key="k")
        failpoint("off")
        acked = person.add_at_last("once", key="k")
        reads.wait_for_hit(since=acked)
        # A delayed insert that comes late finds that the retry came first.
        late_s = data.get("blockTimeMS", 0) / 1000
        until(lambda: perf_counter() - failed.began > late_s, "late insert")

    figures["the write was answered"] = f"{failed.status} after {seconds(failed.took_s)}"
    assert failed.status == status
    CallerAnswers([failed]).must_be_proper()
    assert shared.stored(person) == reads.shown == ["before", "once"]
    reads.must_show("once", since=acked)
