"""MongoDB is not there: the service says so in time, and is back when MongoDB is."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

from benchmarks.stack.embedded import Stack, start_mongo
from benchmarks.stack.ports import HOST, held_port
from benchmarks.stack.relay import RelayMode
from benchmarks.stack.service import without_settings
from tests.e2e.unready import unready_service
from tests.faults.page import fault
from tests.faults.process_callers import Answers, at_once, seconds
from tests.faults.process_deployment import (
    DEADLINE_S,
    LEASE_S,
    DeploymentMember,
    ProcessDeployment,
    open_deployment,
)
from tests.waiting import until

GIVEN_UP = "database does not answer yet"
EXPECTED = (
    f"503 with Retry-After while it is away, after the deadline of {DEADLINE_S:g} s; cached reads "
    "for a lease at most; /healthz 200, /readyz 503; back by itself"
)


@fault("MongoDB", "unreachable", "the port refuses connections", EXPECTED)
def test_while_mongodb_refuses_connections_the_service_says_so_in_time(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    member = deployment.start()

    _outage(
        member,
        lambda: member.mongo.switch(RelayMode.REFUSE),
        lambda: member.mongo.switch(RelayMode.NORMAL),
        figures,
    )


@fault("MongoDB", "killed", "kill -9 of the server, started again", EXPECTED)
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

        _outage(deployment.start(), mongo.discard, restart, figures)


@fault(
    "MongoDB",
    "absent at start",
    "nothing listens; MongoDB comes later",
    "/healthz 200 before MongoDB has been waited for, /readyz and requests 503; then ready by "
    "itself",
)
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


def _outage(
    member: DeploymentMember,
    strike: Callable[[], object],
    mend: Callable[[], object],
    figures: dict[str, object],
) -> None:
    """Take MongoDB away for longer than a lease, and judge every answer of the time."""
    reader, writer = member.sign_up_and_cache(), member.sign_up_and_cache()
    with (
        reader.reading() as reads,
        writer.reading() as fresh,
        member.alive(figures) as wait_until_unready,
    ):
        strike()
        struck = perf_counter()
        refused = at_once(lambda: writer.add("refused"), 8)
        reads.wait_for(503, since=struck)
        wait_until_unready()
        mending = perf_counter()
        mend()
        mended = perf_counter()
        until(lambda: writer.add("after").status == 201, "write")
        acked = perf_counter()
        reads.wait_for_hit(since=acked)
        fresh.wait_for_hit(since=acked)
    # One that is asked in the outage and answered after it may well be answered.
    during = Answers(read for read in reads if struck < read.began and read.ended < mending)
    served = [read.began - struck for read in during if read.status == 200]

    figures["cached reads until"] = seconds(max(served, default=0.0))
    figures["longest answer"] = seconds(max(during.longest_s, refused.longest_s))
    figures["writes again after"] = seconds(acked - mended)
    assert all(answer.refuses_properly for answer in refused), refused
    assert len(served) < len(during)
    assert max(served, default=0.0) <= LEASE_S
    assert reads.statuses | fresh.statuses == {200, 503}
    reads.must_show("before", since=0)
    fresh.must_show("after", since=acked)
