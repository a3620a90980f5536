"""The path to MongoDB breaks: nothing uncertain is acknowledged."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.stack.relay import RelayMode
from tests.faults.page import fault, row
from tests.faults.process_callers import Answers, CallerAnswer, CallingPerson, seconds
from tests.faults.process_deployment import (
    DeploymentMember,
    ProcessDeployment,
)
from tests.waiting import until

ATTEMPTS = 5
WAY_MS = 300.0
UNHURRIED = {"CACHE_LEASE_SECONDS": "5", "DATABASE_DEADLINE_SECONDS": "3"}
"""A write takes four ways, and must not be given up before."""
RESETS = 6
RESET_S = 0.05
WRITERS = 4


@pytest.fixture(scope="module")
def member(shared: ProcessDeployment) -> DeploymentMember:
    return shared.start(env=UNHURRIED)


@fault("connections reset")
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
        row(_lost_by_silence, "commit applied, reply lost"),
        row(_lost_by_reset, "commit applied, connection lost"),
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
