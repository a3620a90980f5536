"""Copies in a process: what is copied, when a copy answers, and when it ends."""

import pytest

from service.domain import Account, Slot, Snapshot, Todo, UserId
from service.metrics import Metrics
from service.trace import HIT, HIT_LOCAL, MISS, Trace, is_hit
from tests.unit.service.coherence.conftest import (
    BOTH,
    LOCAL_S,
    Copying,
    Deployment,
    Start,
    asked,
    pass_time,
    warm,
)

TODOS = (Slot.TODOS,)


async def test_a_copy_answers_without_a_round_trip_and_says_so(
    deployment: Deployment, copying: Copying, ada: Account, milk: Todo, trace: Trace
) -> None:
    await warm(copying, ada)
    first = await copying.reads.read(ada.id, BOTH)
    said = dict(trace.outcomes)
    calls = deployment.cache.calls.total(), deployment.database_reads()
    second = await copying.reads.read(ada.id, BOTH)

    assert set(said.values()) == {HIT}
    assert set(trace.outcomes.values()) == {HIT_LOCAL}
    assert second == first == Snapshot(ada, second.todos)
    assert second.todos is not None
    assert milk.id.encode() in second.todos.body
    assert (deployment.cache.calls.total(), deployment.database_reads()) == calls


async def test_a_copy_ends_counted_from_when_redis_was_asked(
    deployment: Deployment, copying: Copying, ada: Account
) -> None:
    await warm(copying, ada)
    inner, took_s = deployment.cache.get, 0.015

    async def slow(*args: object) -> object:
        stored = await inner(*args)  # type: ignore[arg-type]
        deployment.clock.advance(took_s)
        return stored

    deployment.cache.get = slow  # type: ignore[method-assign,assignment]
    await copying.reads.read(ada.id, BOTH)
    deployment.clock.advance(LOCAL_S - took_s - 0.001)
    before = await copying.reads.read(ada.id, BOTH), deployment.cache.calls["get"]
    deployment.clock.advance(0.001)
    await copying.reads.read(ada.id, BOTH)

    assert before[1] == 2
    assert deployment.cache.calls["get"] == 3


async def test_using_a_copy_does_not_make_it_last(
    deployment: Deployment, copying: Copying, ada: Account
) -> None:
    await warm(copying, ada)
    seen = []
    for _ in range(5):
        seen.append(await asked(deployment, copying, ada.id))
        deployment.clock.advance(LOCAL_S / 3 + 1e-6)

    assert seen == [True, False, False, True, False]


async def test_only_what_the_cache_held_is_copied(
    deployment: Deployment, copying: Copying, ada: Account
) -> None:
    await copying.reads.read(ada.id, BOTH)
    await copying.fenced.drain()

    assert len(copying.copies) == 0
    assert await asked(deployment, copying, ada.id)
    assert len(copying.copies) == 2


async def test_an_answer_needs_a_copy_of_every_slot(
    deployment: Deployment, copying: Copying, ada: Account
) -> None:
    await warm(copying, ada)
    await copying.reads.read(ada.id, TODOS)

    assert await asked(deployment, copying, ada.id)


async def test_garbage_is_not_copied(
    deployment: Deployment, copying: Copying, ada: Account, trace: Trace
) -> None:
    for slot in BOTH:
        deployment.cache.put(deployment.fence, ada.id, slot, b"V?")
    snapshot = await copying.reads.read(ada.id, BOTH)

    assert snapshot.account == ada
    assert len(copying.copies) == 0
    assert not any(is_hit(outcome) for outcome in trace.outcomes.values())


@pytest.mark.usefixtures("copying")
async def test_no_more_than_so_many_copies_are_kept_and_the_first_to_end_goes_first(
    deployment: Deployment, start: Start, ada: Account
) -> None:
    process = start(capacity=2)
    await process.lease.renew()
    process.copies.allowed(deployment.fence)
    await pass_time(deployment, process, deployment.timing.grace_s)
    fence, now = deployment.fence, deployment.clock()
    users = [UserId(f"{number:024x}") for number in range(3)]
    for user in users:
        process.copies.keep(fence, user, {Slot.USER: ada}, now)
    found = [process.copies.find(fence, user, (Slot.USER,)) is not None for user in users]

    assert found == [False, True, True]
    assert len(process.copies) == 2


async def test_what_has_ended_leaves_the_memory_as_others_come(
    deployment: Deployment, copying: Copying, ada: Account
) -> None:
    fence = deployment.fence
    for number in range(50):
        user = UserId(f"{number:024x}")
        copying.copies.keep(fence, user, {Slot.USER: ada}, deployment.clock())
        deployment.clock.advance(LOCAL_S / 4 + 1e-6)

    assert len(copying.copies) <= 4


async def test_an_own_write_drops_the_copies_at_once(
    deployment: Deployment, copying: Copying, ada: Account
) -> None:
    await warm(copying, ada)
    await copying.reads.read(ada.id, BOTH)
    kept: list[int] = []

    async def commit() -> None:
        kept.append(len(copying.copies))

    deployment.cache.failing = {"mark"}
    await copying.writes.run(ada.id, TODOS, commit)

    assert kept == [1]


async def test_a_clear_drops_copies_as_well(
    deployment: Deployment, copying: Copying, ada: Account
) -> None:
    await warm(copying, ada)
    await copying.reads.read(ada.id, BOTH)
    await copying.cache.clear(deployment.fence, ada.id, BOTH, "t")

    assert len(copying.copies) == 0
    assert "clear" in deployment.cache.log


def test_a_local_hit_counts_as_a_hit() -> None:
    metrics, trace = Metrics(), Trace()
    trace.outcomes = {Slot.USER: HIT_LOCAL, Slot.TODOS: HIT}
    metrics.request("GET", "/", 200, trace, 0.001)

    assert metrics.hit_ratio() == 1.0
    assert sum(metrics.not_hit().values()) == 0
    assert trace.cache_status() == "todos; hit, user; hit; detail=local"
    assert [is_hit(outcome) for outcome in (HIT, HIT_LOCAL, MISS, None)] == [
        True,
        True,
        False,
        False,
    ]
