"""The path to MongoDB breaks, or its answers come late: nothing uncertain is acknowledged."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import pytest

from benchmarks.stack.embedded import Stack, start_mongo
from benchmarks.stack.relay import RelayMode
from tests.faults.page import fault, row
from tests.faults.process_callers import Answers, CallerAnswer, CallingPerson, at_once, seconds
from tests.faults.process_deployment import (
    DEADLINE_S,
    LEASE_S,
    DeploymentMember,
    ProcessDeployment,
    open_deployment,
)
from tests.waiting import until

ATTEMPTS = 5
WAY_MS = 300.0
UNHURRIED = {"CACHE_LEASE_SECONDS": "5", "DATABASE_DEADLINE_SECONDS": "3"}
"""A write takes four ways, and must not be given up before."""
RESETS = 6
RESET_S = 0.05
WRITERS = 4
PARALLEL = 64
IN_TIME = (
    f"{PARALLEL} parallel requests all answered 503 before MongoDB answers, /healthz 200, "
    "retries make each todo once"
)
UNCERTAIN = "503; a retry with the same Idempotency-Key makes one todo, seen at once"


@pytest.fixture(scope="module")
def member(shared: ProcessDeployment) -> DeploymentMember:
    return shared.start(env=UNHURRIED)


@fault(
    "MongoDB",
    "connections reset",
    f"RST on every connection, {RESETS} times, under {WRITERS} writers that retry",
    "each todo made once, every answer 2xx or 503 with Retry-After",
)
def test_connections_that_are_reset_lose_and_double_nothing(
    shared: ProcessDeployment, member: DeploymentMember, figures: dict[str, object]
) -> None:
    person = member.sign_up()
    acked: list[str] = []
    over = threading.Event()
    with ThreadPoolExecutor(WRITERS) as pool, person.reading():
        writers = [pool.submit(_write, person, name, acked, over) for name in "abcd"[:WRITERS]]
        try:
            for _ in range(RESETS):
                known = len(acked)
                until(lambda: len(acked) > known + WRITERS, "progress")  # noqa: B023 - at once
                member.mongo.switch(RelayMode.RESET)
                time.sleep(RESET_S)
                member.mongo.switch(RelayMode.NORMAL)
        finally:
            over.set()
    answers = Answers(answer for writer in writers for answer in writer.result())
    stored = shared.stored(person)

    figures["acknowledged"] = len(acked)
    figures["refused with 503"] = sum(answer.refuses_properly for answer in answers)
    assert answers.statuses <= {201, 503}
    answers.must_be_proper()
    assert set(acked) <= set(stored)
    assert len(stored) == len(set(stored))
    assert person.reads_hit().headings() == stored


def _write(
    person: CallingPerson, name: str, acked: list[str], over: threading.Event
) -> list[CallerAnswer]:
    """Make todos one after the other, each again and again until it is acknowledged."""
    answers = []
    count = 0
    while not over.is_set():
        heading = f"{name}{count}"
        answers.append(person.add(heading, key=heading))
        if answers[-1].status == 201:
            acked.append(heading)
            count += 1
    return answers


def _lost_by_silence(member: DeploymentMember) -> None:
    member.mongo.process.pause()


def _lost_by_reset(member: DeploymentMember) -> None:
    member.mongo.switch(RelayMode.RESET)


@pytest.mark.parametrize(
    "lose",
    [
        row(
            "MongoDB",
            _lost_by_silence,
            "commit applied, reply lost",
            "the proxy stands still after the insert and before its reply",
            UNCERTAIN,
        ),
        row(
            "MongoDB",
            _lost_by_reset,
            "commit applied, connection lost",
            "RST after the insert and before its reply",
            UNCERTAIN,
        ),
    ],
)
def test_a_todo_whose_commit_was_not_confirmed_is_made_once(
    shared: ProcessDeployment,
    member: DeploymentMember,
    figures: dict[str, object],
    lose: Callable[[DeploymentMember], None],
) -> None:
    person, lost = _lose_a_reply(member, shared, lose)
    with person.reading() as reads:
        member.mongo.switch(RelayMode.NORMAL)
        acked = person.add_at_last("once", key="k")
        reads.wait_for_hit(since=acked)

    figures["the write was answered"] = f"{lost.status} after {seconds(lost.took_s)}"
    assert lost.refuses_properly
    assert shared.stored(person) == reads.shown == ["before", "once"]
    reads.must_show("once", since=acked)


def _lose_a_reply(
    member: DeploymentMember, shared: ProcessDeployment, lose: Callable[[DeploymentMember], None]
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
            until(lambda: "once" in shared.stored(person) or asked.done(), "commit")  # noqa: B023 - at once
            lose(member)
            answer = asked.result()
            member.mongo.process.resume()
        if answer.status == 503 and "once" in shared.stored(person):
            return person, answer
        member.mongo.switch(RelayMode.NORMAL)
        until(lambda: person.read().status == 200, "recovery")  # noqa: B023 - at once
    pytest.fail("no reply could be lost between the commit and the acknowledgement")


# late


@fault("MongoDB", "slow", "every message takes 3 s, the deadline is 1 s", IN_TIME)
def test_requests_to_a_slow_mongodb_do_not_pile_up(
    deployment: ProcessDeployment, figures: dict[str, object]
) -> None:
    member = deployment.start()

    _slowness(
        member,
        deployment,
        lambda: member.mongo.switch(RelayMode.DELAY, delay_ms=3 * DEADLINE_S * 1000),
        lambda: member.mongo.switch(RelayMode.NORMAL),
        figures,
    )


@fault("MongoDB", "stopped", "SIGSTOP until all are answered, SIGCONT", IN_TIME)
def test_writes_that_a_stopped_mongodb_carries_out_late_do_no_harm(
    servers: Stack, tmp_path: Path, figures: dict[str, object]
) -> None:
    with ExitStack() as exits:
        mongo = start_mongo(tmp_path)
        assert mongo.process is not None
        exits.callback(mongo.discard)
        deployment = exits.enter_context(open_deployment(servers, tmp_path, mongo_url=mongo.url))
        member = deployment.start()

        _slowness(member, deployment, mongo.process.pause, mongo.process.resume, figures)


def _slowness(
    member: DeploymentMember,
    deployment: ProcessDeployment,
    strike: Callable[[], object],
    mend: Callable[[], object],
    figures: dict[str, object],
) -> None:
    """Make MongoDB slow until many requests were answered, and judge every answer of the time."""
    person = member.sign_up_and_cache()
    with person.reading() as reads, member.alive(figures) as wait_until_unready:
        strike()
        struck = perf_counter()
        written = person.add("late", key="late")
        until(lambda: perf_counter() - struck > LEASE_S, "end of the lease")
        answers = at_once(person.read, PARALLEL)
        wait_until_unready()
        mend()
        mended = perf_counter()
        acked = person.add_at_last("late", key="late")
        reads.wait_for_hit(since=acked)

    figures["longest answer"] = seconds(max(answers.longest_s, written.took_s))
    figures["writes again after"] = seconds(acked - mended)
    assert all(answer.refuses_properly for answer in [written, *answers])
    assert deployment.stored(person) == ["before", "late"]
    reads.must_show("late", since=acked)
