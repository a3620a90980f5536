"""A service process lacks file descriptors, a reader of its log, or the settings of the others."""

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter

import pytest

from benchmarks.coherence.clients import request
from benchmarks.measure.client import Connection
from benchmarks.stack.relay import RelayMode
from tests.faults.page import fault
from tests.faults.process_callers import NO_ANSWER, Answers, ask, repeated, seconds
from tests.faults.process_deployment import LEASE_S, DeploymentMember, ProcessDeployment
from tests.waiting import until

CALLERS = 24
SPARE = 4
STARVED_S = 1.0
LONGER_S = 2.5 * LEASE_S


@pytest.mark.skipif(sys.platform != "linux", reason="limits of others are Linux's")
@fault("no file descriptors left")
def test_a_service_without_file_descriptors_refuses_and_recovers(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    member = deployment.start()
    person = member.sign_up_and_cache()
    asking = (
        request("GET", "/todo/", token=person.token),
        request(
            "PUT", f"/todo/{person.todo_ids[0]}", token=person.token, body={"heading": "after"}
        ),
    )
    with ExitStack() as callers:
        with _few_descriptors(member.process.pid):
            answered = [
                callers.enter_context(_held(member.url, asking[number % 2]))
                for number in range(CALLERS)
            ]
            until(lambda: any(NO_ANSWER in some.statuses for some in answered), "refusal")
            for proxy in (member.mongo, member.redis):
                proxy.switch(RelayMode.RESET)
                proxy.switch(RelayMode.NORMAL)
            starved = perf_counter()
            until(lambda: perf_counter() - starved > STARVED_S, "end")
        relieved = perf_counter()
        for some in answered:
            some.wait_for(200, since=relieved)
        recovered = perf_counter()
    with person.reading() as reads:
        reads.wait_for_hit(since=recovered)
    every = Answers(answer for some in answered for answer in some)

    figures["refused connections"] = sum(one.status == NO_ANSWER for one in every)
    figures["answered"] = sum(one.status == 200 for one in every)
    figures["503"] = sum(one.refuses_properly for one in every)
    figures["all answered again after"] = seconds(recovered - relieved)
    assert every.statuses <= {NO_ANSWER, 200, 503}
    every.must_be_proper()
    Answers(one for one in [*every, *reads] if one.body.startswith(b"[")).must_show(
        "after", since=recovered
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
def _held(url: str, asking: bytes) -> Iterator[Answers]:
    """Send this again and again on one connection, and on a new one where it was refused."""
    with Connection(url) as connection, repeated(lambda: ask(connection, asking)) as answers:
        yield answers


@fault("log pipe closed")
def test_a_service_whose_log_nobody_reads_keeps_serving(
    deployment: ProcessDeployment, tmp_path: Path, figures: dict[str, object]
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    member = deployment.start(log=pipe, env={"LOG_LEVEL": "INFO"})
    os.close(reader)

    _disturb(member, figures)


@fault("log disk full")
def test_a_service_whose_log_is_full_keeps_serving(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    member = deployment.start(log=full, env={"LOG_LEVEL": "INFO"})

    _disturb(member, figures)


def _disturb(member: DeploymentMember, figures: dict[str, object]) -> None:
    """Break Redis, then MongoDB: both are logged, by requests and by what runs beside them."""
    person = member.sign_up_and_cache()
    with person.reading() as reads:
        member.redis.switch(RelayMode.REFUSE)
        written = person.rename("during")
        member.redis.switch(RelayMode.NORMAL)
        reads.wait_for_hit(since=written.ended)
        without_redis = reads.statuses | {written.status}
        member.mongo.switch(RelayMode.REFUSE)
        reads.wait_for(503, since=perf_counter())
        member.mongo.switch(RelayMode.NORMAL)
        mended = perf_counter()
        again_s = reads.wait_for_hit(since=mended)

    figures["cached again after"] = seconds(again_s)
    assert without_redis == {200}
    assert reads.shown == ["during"]


@fault("leases of two lengths")
def test_a_writer_waits_for_the_lease_of_a_process_that_was_set_to_a_longer_one(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    writer = deployment.start()
    holder = deployment.start(env={"CACHE_LEASE_SECONDS": str(LONGER_S)})
    until(lambda: deployment.longest_lease_s() == LONGER_S, "the longer lease in the fence")
    person = holder.sign_up_and_cache()
    with person.reading() as reads:
        holder.mongo.switch(RelayMode.HOLD)
        # What was cached stays in Redis, and only the lease keeps it unread.
        writer.redis.switch(RelayMode.REFUSE)
        written = person.at(writer.url).rename("after")
        acked = perf_counter()
        until(lambda: reads.newest(since=acked) is not None, "a later read")
        holder.mongo.switch(RelayMode.NORMAL)
        reads.wait_for(200, since=acked)

    figures["write acknowledged after"] = seconds(written.took_s)
    figures["hits meanwhile"] = sum(read.is_hit for read in reads)
    assert written.status == 200
    assert written.took_s > LONGER_S
    assert reads.shown == ["after"]
    reads.must_show("after", since=acked)
