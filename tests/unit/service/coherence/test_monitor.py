"""The online check: what it finds, and what it must not."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from service.codec import encode_todos
from service.coherence.monitor import CHECKED, SKIPPED, STALE, MonitoredReads, is_stale
from service.domain import Account, Slot, Snapshot, Todo, TodoId, TodoList, UserId, now
from service.ports import Slots
from service.trace import HIT, HIT_LOCAL, Trace, outcome
from tests.unit.service.coherence.conftest import Deployment, Process

BOTH = (Slot.USER, Slot.TODOS)
ADA = Account(UserId("a" * 24), "Ada", "ada@example.com", now(), 3, {"kept": 4e9})
MILK = Todo(TodoId("1" * 24), "Milk", "", False, now(), now(), None, False, rev=4)


def todos(*items: Todo) -> Snapshot:
    return Snapshot(todos=TodoList(encode_todos(items), None))


def revoked(**tokens: float) -> Snapshot:
    return Snapshot(replace(ADA, revoked=tokens))


OLD_TOKEN = time.time() - 1
STALE_ANSWERS = {
    "an older todo": (todos(replace(MILK, rev=3)), todos(MILK)),
    "a token that was revoked": (revoked(), revoked(out=4e9)),
    "an older generation": (Snapshot(replace(ADA, token_generation=2)), Snapshot(ADA)),
    "a deleted account": (Snapshot(ADA), Snapshot()),
}
GOOD_ANSWERS = {
    "the same": (Snapshot(ADA), Snapshot(ADA)),
    "a newer todo": (todos(replace(MILK, rev=5)), todos(MILK)),
    "a todo that was deleted since": (todos(), todos(MILK)),
    "a todo that was made since": (todos(MILK), todos()),
    "a token revoked since": (revoked(out=4e9), revoked()),
    "an expired token that was pruned": (revoked(), revoked(out=OLD_TOKEN)),
    "a newer generation": (
        Snapshot(replace(ADA, token_generation=4, revoked={})),
        Snapshot(ADA),
    ),
    "an account deleted since": (Snapshot(), Snapshot(ADA)),
    "nobody": (Snapshot(), Snapshot()),
    "a list that was not asked for": (Snapshot(ADA), Snapshot(ADA, TodoList(b"[]", None))),
}


@pytest.mark.parametrize("name", STALE_ANSWERS)
def test_a_stale_answer_is_found(name: str) -> None:
    assert is_stale(*STALE_ANSWERS[name])


@pytest.mark.parametrize("name", GOOD_ANSWERS)
def test_an_answer_as_new_as_the_database_or_newer_is_not_stale(name: str) -> None:
    assert not is_stale(*GOOD_ANSWERS[name])


class Answers:
    """``Reads`` that always give the same, as hits or not."""

    def __init__(self, answer: Snapshot, *, how: str = HIT) -> None:
        self.answer = answer
        self.how = how

    async def read(self, user_id: UserId, slots: Slots) -> Snapshot:
        del user_id
        for slot in slots:
            outcome(slot, self.how)
        return self.answer


@pytest.fixture
def watched(
    deployment: Deployment, trace: Trace, events: list[str]
) -> Callable[[Answers, float], MonitoredReads]:
    del trace
    return lambda answers, share: MonitoredReads(
        answers, deployment.plain, share=share, on_event=events.append
    )


@pytest.fixture
def events() -> list[str]:
    return []


Watched = Callable[[Answers, float], MonitoredReads]


async def test_with_share_one_every_hit_is_compared(
    watched: Watched, events: list[str], ada: Account
) -> None:
    answer = Snapshot(ada, TodoList(b"[]", None))
    for _ in range(3):
        assert await watched(Answers(answer), 1.0).read(ada.id, BOTH) == answer

    assert events == [CHECKED] * 3


async def test_a_hit_from_a_copy_is_compared_as_well(
    watched: Watched, events: list[str], ada: Account
) -> None:
    await watched(Answers(Snapshot(ada), how=HIT_LOCAL), 1.0).read(ada.id, BOTH)

    assert events == [CHECKED]


async def test_with_share_zero_the_database_is_not_asked(
    deployment: Deployment, watched: Watched, events: list[str], ada: Account
) -> None:
    for _ in range(20):
        await watched(Answers(Snapshot(ada)), 0.0).read(ada.id, BOTH)

    assert events == []
    assert deployment.database_reads() == 0


async def test_a_share_is_drawn(
    deployment: Deployment, trace: Trace, events: list[str], ada: Account
) -> None:
    del trace
    draws = iter([0.0, 0.29, 0.3, 0.99])
    reads = MonitoredReads(
        Answers(Snapshot(ada)),
        deployment.plain,
        share=0.3,
        on_event=events.append,
        draw=lambda: next(draws),
    )
    for _ in range(4):
        await reads.read(ada.id, (Slot.USER,))

    assert events == [CHECKED] * 2


async def test_a_stale_hit_is_told_and_still_given(
    watched: Watched, events: list[str], ada: Account
) -> None:
    stale = Snapshot(replace(ada, token_generation=-1))

    assert await watched(Answers(stale), 1.0).read(ada.id, (Slot.USER,)) == stale
    assert events == [CHECKED, STALE]


async def test_what_was_no_hit_is_not_compared(
    watched: Watched, events: list[str], ada: Account
) -> None:
    answers = Answers(Snapshot(replace(ada, token_generation=-1)), how="fwd=miss")
    await watched(answers, 1.0).read(ada.id, (Slot.USER,))

    assert events == []


async def test_over_the_real_reads_it_finds_nothing(
    deployment: Deployment, process: Process, trace: Trace, events: list[str], ada: Account
) -> None:
    del trace
    reads = MonitoredReads(process.reads, deployment.plain, share=1.0, on_event=events.append)
    for _ in range(2):
        await reads.read(ada.id, BOTH)
        await process.reads.drain()
        await process.writes.run(ada.id, (), nothing)

    assert events == [CHECKED]


async def nothing() -> None:
    """Commit nothing."""


async def test_a_database_that_does_not_answer_costs_the_comparison_and_not_the_answer(
    deployment: Deployment, watched: Watched, events: list[str], ada: Account
) -> None:
    deployment.users.down = True
    answer = Snapshot(ada)

    assert await watched(Answers(answer), 1.0).read(ada.id, (Slot.USER,)) == answer
    assert events == [SKIPPED]
