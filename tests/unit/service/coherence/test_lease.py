"""The lease: how long it counts, what it adopts, and how long a writer waits for others'."""

import asyncio
from dataclasses import replace

import pytest

from service.coherence.fence import State
from service.coherence.lease import Timing, first_fence
from service.errors import DatabaseUnavailable
from tests.fakes_coherence import RUN
from tests.unit.service.coherence.conftest import CoherenceDeployment, CoherenceProcess


async def test_without_an_answer_there_is_no_lease(deployment: CoherenceDeployment) -> None:
    deployment.store.down = True
    lease = deployment.lease()
    with pytest.raises(DatabaseUnavailable):
        await lease.start(RUN)

    assert lease.valid_fence() is None


@pytest.mark.parametrize(("run_id", "state"), [(RUN, State.ON), (None, State.OFF), ("", State.OFF)])
async def test_the_first_fence_is_open_with_a_redis_at_hand_and_is_then_taken_as_it_is(
    deployment: CoherenceDeployment, run_id: str | None, state: State
) -> None:
    first = await deployment.lease().start(run_id)
    second = await deployment.lease().start("another")

    assert (first.state, first.run_id, first.seq) == (state, run_id or "", 1)
    assert first == second == deployment.fence
    assert deployment.store.calls["create"] == 1
    assert first.deployment != first_fence(RUN, Timing()).deployment


async def test_a_lease_ends_to_the_moment_and_only_then_the_fence_is_asked_for(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    await process.lease.current()
    before = deployment.store.calls["read"]
    deployment.clock.advance(deployment.timing.lease_s)
    ended = process.lease.valid_fence()
    await process.lease.current()

    assert ended is None
    assert (before, deployment.store.calls["read"]) == (1, 2)


async def test_a_database_slower_than_a_lease_tells_the_fence_and_gives_none(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    deployment.store.latency_s = deployment.timing.lease_s
    deployment.clock.advance(1.0)

    assert await process.lease.current() == deployment.fence
    assert process.lease.valid_fence() is None
    assert process.lease.overdue_s() == pytest.approx(0.0)


async def test_an_answer_that_comes_late_neither_brings_back_an_older_fence_nor_shortens_a_lease(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    old = deployment.fence
    asked_at = deployment.clock()
    deployment.clock.advance(0.5)
    deployment.store.fence = new = old.fenced("lost")
    await process.lease.renew()
    deployment.store.fence = old
    await process.lease.renew()
    process.lease._adopt(new, asked_at)
    deployment.clock.advance(0.89)

    assert process.lease.valid_fence() == new


async def test_a_database_made_anew_is_adopted_though_it_counts_from_one(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    deployment.store.fence = replace(deployment.fence, seq=50)
    await process.lease.renew()
    deployment.store.fence = anew = first_fence("run-9", deployment.timing)

    assert await process.lease.renew() == anew


async def test_the_old_databases_lease_does_not_lengthen_the_new_ones(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    asked_at = deployment.clock()
    deployment.clock.advance(0.5)
    await process.lease.renew()
    process.lease._adopt(first_fence("run-9", deployment.timing), asked_at)
    deployment.clock.advance(0.4)

    assert process.lease.valid_fence() is None


async def test_a_fence_that_was_dropped_with_its_database_is_closed(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    deployment.store.fence = None
    fence = await process.lease.renew()

    assert fence.state is State.OFF
    assert deployment.fence == fence


async def test_a_step_is_adopted_at_once_with_a_lease_from_before_the_question(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    fence = deployment.fence
    moved = await process.lease.compare_and_set(fence, fence.fenced("lost"))
    adopted = process.lease.valid_fence()
    deployment.store.latency_s = 1.0
    await process.lease.compare_and_set(deployment.fence, fence.fenced("lost").fenced("again"))

    assert moved
    assert adopted == fence.fenced("lost")
    assert process.lease.valid_fence() is None


async def test_the_second_to_step_learns_what_the_fence_is(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    fence = deployment.fence
    deployment.store.fence = fence.fenced("first")
    moved = await process.lease.compare_and_set(fence, fence.fenced("second"))

    assert not moved
    assert process.lease.valid_fence() == fence.fenced("first")


async def test_following_renews_three_times_a_lease_and_survives_failures(
    deployment: CoherenceDeployment, process: CoherenceProcess, errors: list[Exception]
) -> None:
    before = deployment.fence
    following = asyncio.ensure_future(process.lease.renew_forever(errors.append))
    await deployment.clock.sleep(5.0)
    deployment.store.down = True
    await deployment.clock.sleep(2.0)
    lost = process.lease.valid_fence()
    deployment.store.down = False
    await deployment.clock.sleep(0.5)
    following.cancel()

    assert deployment.clock.naps.count(deployment.timing.renew_s) > 20
    assert lost is None
    assert {type(error) for error in errors} == {DatabaseUnavailable}
    # A renewal writes nothing.
    assert process.lease.valid_fence() == deployment.fence == before


async def test_a_fence_that_went_back_is_named_as_such(deployment: CoherenceDeployment) -> None:
    lease = deployment.lease()
    first = await lease.start(RUN)
    await lease.compare_and_set(first, first.fenced("test"))
    deployment.store.fence = first
    deployment.clock.advance(deployment.timing.lease_s)

    with pytest.raises(DatabaseUnavailable, match="backup"):
        await lease.renew()
