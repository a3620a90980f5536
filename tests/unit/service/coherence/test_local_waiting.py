"""Writers wait for the copies of every process, and processes have them wait."""

import asyncio

import pytest

from service.coherence.fence import State
from service.coherence.lease import Lease
from service.coherence.local import keep_waited_for
from service.domain import Account, NewTodo, Slot, Todo
from service.errors import DatabaseUnavailable
from tests.fakes_coherence import RUN
from tests.unit.service.coherence.conftest import BOTH, LOCAL_S, Copying, Deployment, Start, warm

TODOS = (Slot.TODOS,)
WAIT_S = LOCAL_S * 1.01


@pytest.mark.usefixtures("copying")
async def test_every_process_waits_after_the_mark_and_after_the_clear(
    deployment: Deployment, ada: Account
) -> None:
    plain = await deployment.process()
    began = deployment.clock()
    committed_after: list[float] = []

    async def commit() -> None:
        committed_after.append(deployment.clock() - began)

    await plain.writes.run(ada.id, TODOS, commit)

    assert committed_after == [pytest.approx(WAIT_S)]
    assert deployment.clock() - began == pytest.approx(2 * WAIT_S)


@pytest.mark.usefixtures("copying")
async def test_a_timer_that_fires_early_does_not_shorten_the_wait(deployment: Deployment) -> None:
    async def early(seconds: float) -> None:
        deployment.clock.advance(seconds / 2 if seconds > 1e-6 else seconds)

    lease = Lease(deployment.store, deployment.timing, clock=deployment.clock, sleep=early)
    began = deployment.clock()
    await lease.wait_out_copies()

    assert deployment.clock() - began >= WAIT_S


async def test_a_writer_waits_as_the_fence_says_after_its_mark(
    deployment: Deployment, start: Start, ada: Account
) -> None:
    writer = start()
    fence = await writer.lease.start(RUN)
    other = await deployment.process()
    inner = deployment.cache.mark
    began_at: list[float] = []

    async def slow(*args: object) -> None:
        await inner(*args)  # type: ignore[arg-type]
        await other.lease.step(fence, fence.copying(LOCAL_S))
        deployment.clock.advance(deployment.timing.grace_s)
        began_at.append(deployment.clock())

    deployment.cache.mark = slow  # type: ignore[method-assign,assignment]
    committed_at: list[float] = []

    async def commit() -> None:
        committed_at.append(deployment.clock())

    await writer.writes.run(ada.id, TODOS, commit)

    assert committed_at[0] - began_at[0] >= WAIT_S


async def test_a_write_of_another_process_is_seen_as_soon_as_it_is_acknowledged(
    deployment: Deployment, copying: Copying, ada: Account
) -> None:
    await warm(copying, ada)
    plain = await deployment.process()
    await copying.reads.read(ada.id, BOTH)

    async def commit() -> Todo:
        return await deployment.todos.insert(ada.id, NewTodo("Bread", "One"))

    todo = await plain.writes.run(ada.id, TODOS, commit)
    answer = await copying.reads.read(ada.id, BOTH)

    assert answer.todos is not None
    assert todo.id.encode() in answer.todos.body


async def once(lease: Lease, errors: list[Exception], rounds: int = 1) -> None:
    """Let the work in the background go round."""
    rounds_left = asyncio.Semaphore(rounds)

    async def sleep(_: float) -> None:
        await rounds_left.acquire()
        if rounds_left.locked():
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await keep_waited_for(lease, LOCAL_S, errors.append, sleep)


async def test_a_process_makes_writers_wait_and_shortens_nobodys_wait(
    deployment: Deployment, start: Start, errors: list[Exception]
) -> None:
    process = start()
    fence = await process.lease.start(RUN)
    await once(process.lease, errors)
    raised = deployment.fence
    await once(process.lease, errors)
    unmoved = deployment.fence
    await process.lease.step(unmoved, unmoved.copying(5 * LOCAL_S))
    await once(process.lease, errors)

    assert raised == fence.copying(LOCAL_S)
    assert unmoved == raised
    assert deployment.fence.local_s == 5 * LOCAL_S
    assert errors == []


async def test_a_closed_fence_is_left_alone(
    deployment: Deployment, start: Start, errors: list[Exception]
) -> None:
    process = start()
    await process.lease.start(None)
    await once(process.lease, errors)

    assert deployment.fence.state is State.OFF
    assert deployment.fence.local_s == 0.0


async def test_a_database_that_does_not_answer_is_told_and_tried_again(
    deployment: Deployment, start: Start, errors: list[Exception]
) -> None:
    process = start()
    await process.lease.start(RUN)
    deployment.clock.advance(1.0)
    deployment.store.down = True
    await once(process.lease, errors, rounds=2)

    assert [type(error) for error in errors] == [DatabaseUnavailable] * 2
