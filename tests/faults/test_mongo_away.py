"""MongoDB is away, too slow, or unheard: the service says so in time, and is back when it is."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import perf_counter

import pytest

from benchmarks.stack.embedded import Stack, start_mongo
from benchmarks.stack.ports import HOST, held_port
from benchmarks.stack.relay import RelayMode
from benchmarks.stack.service import without_settings
from tests.e2e.api_client import unready_service
from tests.faults.page import fault, row
from tests.faults.process_callers import (
    CallerAnswer,
    CallingPerson,
    at_once,
    call,
    repeated,
    seconds,
)
from tests.faults.process_deployment import (
    DEADLINE_S,
    LEASE_S,
    DeploymentMember,
    ProcessDeployment,
    open_deployment,
)
from tests.waiting import until

GIVEN_UP = "database does not answer yet"
PARALLEL = 64
ATTEMPTS = 5
WAY_MS = 300.0
UNHURRIED = {"CACHE_LEASE_SECONDS": "5", "DATABASE_DEADLINE_SECONDS": "3"}
"""A write takes four ways, and must not be given up before."""


@pytest.mark.parametrize(
    ("mode", "delay_ms"),
    [
        pytest.param(RelayMode.REFUSE, 0.0, marks=fault("unreachable"), id="unreachable"),
        pytest.param(RelayMode.DELAY, 3 * DEADLINE_S * 1000, marks=fault("slow"), id="slow"),
    ],
)
def test_while_mongodb_refuses_or_delays_the_service_says_so_in_time(
    deployment: ProcessDeployment, figures: dict[str, object], mode: RelayMode, delay_ms: float
) -> None:
    member = deployment.start()
    strike = partial(member.mongo.switch, mode, delay_ms=delay_ms)

    _away(member, deployment, strike, partial(member.mongo.switch, RelayMode.NORMAL), figures)


@fault("killed")
def test_after_mongodb_was_killed_what_was_acknowledged_is_still_there(
    servers: Stack, tmp_path: Path, figures: dict[str, object]
) -> None:
    durable = ("--sync-on-commit",)
    with held_port() as port, ExitStack() as exits:
        mongo = start_mongo(tmp_path, port=port, extra_args=durable)
        exits.callback(mongo.discard)
        deployment = exits.enter_context(open_deployment(servers, tmp_path, mongo_url=mongo.url))

        def restart() -> None:
            exits.callback(start_mongo(tmp_path, port=port, extra_args=durable).discard)

        _away(deployment.start(), deployment, mongo.discard, restart, figures)


@fault("stopped")
def test_writes_that_a_stopped_mongodb_carries_out_late_do_no_harm(
    servers: Stack, tmp_path: Path, figures: dict[str, object]
) -> None:
    with ExitStack() as exits:
        mongo = start_mongo(tmp_path)
        assert mongo.process is not None
        exits.callback(mongo.discard)
        deployment = exits.enter_context(open_deployment(servers, tmp_path, mongo_url=mongo.url))
        member = deployment.start()

        _away(member, deployment, mongo.process.pause, mongo.process.resume, figures)


@fault("absent at start")
def test_a_service_started_without_mongodb_is_alive_at_once(
    servers: Stack, tmp_path: Path, figures: dict[str, object]
) -> None:
    assert servers.redis is not None
    log = tmp_path / "service.log"
    with held_port() as port, ExitStack() as exits:
        settings = without_settings(os.environ) | {
            "ENVIRONMENT": "development",
            "MONGODB_URL": f"mongodb://{HOST}:{port}/?directConnection=true",
            "MONGODB_DATABASE": "absent",
            "REDIS_URL": servers.redis.url,
            "DATABASE_DEADLINE_SECONDS": "3",
        }
        process, api = exits.enter_context(unready_service(settings, log))
        until(lambda: GIVEN_UP in log.read_text(), "end of the first wait for MongoDB")
        ready = api.get("/readyz")
        login = api.log_in({"email": "ann@example.org", "password": "x" * 12})
        mongo = start_mongo(tmp_path, port=port)
        exits.callback(mongo.discard)
        readiness = until(lambda: api.get("/readyz").status_code == 200, "readiness")
        mongo.discard()
        process.stop()

    figures["ready after MongoDB came"] = seconds(readiness)
    # The start must not wait for it, not even once.
    assert "Application startup complete" in log.read_text().split(GIVEN_UP, 1)[0]
    assert ready.status_code == 503
    assert (login.status_code, "retry-after" in login.headers) == (503, True)
    # Nor is it needed to end.
    assert process.poll() == 0


def _lost_by_silence(member: DeploymentMember) -> None:
    member.mongo.process.pause()


def _lost_by_reset(member: DeploymentMember) -> None:
    member.mongo.switch(RelayMode.RESET)


@pytest.mark.parametrize(
    "lose",
    [
        row(_lost_by_silence, "commit applied, reply lost"),
        row(_lost_by_reset, "commit applied, connection lost"),
    ],
)
def test_a_todo_whose_commit_was_not_confirmed_is_made_once(
    deployment: ProcessDeployment,
    figures: dict[str, object],
    lose: Callable[[DeploymentMember], None],
) -> None:
    member = deployment.start(env=UNHURRIED)
    person, lost = _lose_a_reply(member, deployment, lose)
    with person.reading() as reads:
        member.mongo.switch(RelayMode.NORMAL)
        acked = person.add_at_last("once", key="k")
        reads.wait_for_hit(since=acked)

    figures["the write was answered"] = f"{lost.status} after {seconds(lost.took_s)}"
    assert lost.refuses_properly
    assert deployment.stored(person) == reads.shown == ["before", "once"]
    reads.must_show("once", since=acked)


def _lose_a_reply(
    member: DeploymentMember,
    deployment: ProcessDeployment,
    lose: Callable[[DeploymentMember], None],
) -> tuple[CallingPerson, CallerAnswer]:
    """Have a todo committed and its confirmation lost.

    The reply is under way for a third of a second. A machine may be so busy that this is over
    before we know of the commit: then the write was acknowledged, and another is made.
    """
    for _ in range(ATTEMPTS):
        person = member.sign_up_and_cache()
        member.mongo.switch(RelayMode.DELAY, delay_ms=WAY_MS)
        with ThreadPoolExecutor() as pool:
            asked = pool.submit(person.add, "once", key="k")
            until(lambda: "once" in deployment.stored(person) or asked.done(), "commit")  # noqa: B023 - at once
            lose(member)
            answer = asked.result()
            member.mongo.process.resume()
        if answer.status == 503 and "once" in deployment.stored(person):
            return person, answer
        member.mongo.switch(RelayMode.NORMAL)
        until(lambda: person.read().status == 200, "recovery")  # noqa: B023 - at once
    pytest.fail("no reply could be lost between the commit and the acknowledgement")


def _away(
    member: DeploymentMember,
    deployment: ProcessDeployment,
    strike: Callable[[], object],
    mend: Callable[[], object],
    figures: dict[str, object],
) -> None:
    """Take MongoDB away until many requests were answered, and judge every answer of the time."""
    person = member.sign_up_and_cache()
    with (
        person.reading() as reads,
        repeated(lambda: call(member.url, "GET", "/healthz")) as health,
        repeated(lambda: call(member.url, "GET", "/readyz")) as ready,
    ):
        strike()
        struck = perf_counter()
        written = person.add("late", key="late")
        reads.wait_for(503, since=struck)
        answers = at_once(person.read, PARALLEL)
        ready.wait_for(503, since=struck)
        mending = perf_counter()
        mend()
        mended = perf_counter()
        acked = person.add_at_last("late", key="late")
        reads.wait_for_hit(since=acked)
        ready.wait_for(200, since=acked)
    # A read that begins while MongoDB is away and ends after its return may be answered.
    during = [read for read in reads if struck < read.began and read.ended < mending]
    served = [read.began - struck for read in during if read.status == 200]

    figures["slowest /healthz"] = seconds(health.longest_s)
    figures["cached reads until"] = seconds(max(served, default=0.0))
    figures["longest answer"] = seconds(max(answers.longest_s, written.took_s))
    figures["writes again after"] = seconds(acked - mended)
    assert all(answer.refuses_properly for answer in [written, *answers])
    assert max(served, default=0.0) <= LEASE_S
    assert health.statuses == {200}
    assert reads.statuses == ready.statuses == {200, 503}
    assert deployment.stored(person) == ["before", "late"]
    reads.must_show("late", since=acked)
