"""The lease: how long it counts, what it adopts, and how long a writer waits for others'."""

import asyncio
import sys
import time
from dataclasses import replace

import pytest

from service.coherence.fence import Fence, State
from service.coherence.lease import Timing, boot_clock, first_fence
from service.errors import DatabaseUnavailable
from tests.fakes_coherence import RUN, CoherenceDeployment, CoherenceProcess, FakeFenceStore


@pytest.mark.parametrize(("run_id", "state"), [(RUN, State.ON), (None, State.OFF)])
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


async def test_a_database_made_anew_is_adopted_with_no_longer_lease_and_gets_a_closed_fence(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    asked_at = deployment.clock()
    deployment.store.fence = replace(deployment.fence, seq=50)
    deployment.clock.advance(0.5)
    await process.lease.renew()
    anew = first_fence("run-9", deployment.timing)
    process.lease._adopt(anew, asked_at)
    adopted = process.lease.valid_fence()
    deployment.clock.advance(0.4)
    ended = process.lease.valid_fence()
    deployment.store.fence = None
    made = await process.lease.renew()

    assert (adopted, ended) == (anew, None)
    assert made == deployment.fence
    assert made.state is State.OFF


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


def test_the_defaults_are_those_that_the_documentation_names() -> None:
    timing = Timing()

    assert timing.grace_s == pytest.approx(0.919)
    assert timing.renew_s == pytest.approx(0.3)
    assert (timing.mark_s, timing.heal_s) == (10.0, 3.0)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has the clock")
def test_the_boot_clock_is_the_one_that_goes_on_while_the_machine_sleeps() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)

    assert before <= boot_clock() <= time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.mark.parametrize("known_for_s", [0.0, 0.5])
async def test_a_process_waits_once_for_the_rest_of_the_grace(
    deployment: CoherenceDeployment, process: CoherenceProcess, known_for_s: float
) -> None:
    off = await closed(deployment, process)
    deployment.clock.advance(known_for_s)
    # A change that is no step does not begin the waiting anew.
    await process.lease.compare_and_set(off, off.switched(enabled=False))
    await process.lease.await_expiry(off)
    await process.lease.await_expiry(off)

    assert deployment.clock.naps == [pytest.approx(deployment.timing.grace_s - known_for_s)]


async def test_the_waiting_begins_when_the_answer_came_and_not_with_the_question(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    deployment.store.latency_s = 0.2
    await closed(deployment, process)

    assert process.lease.observed_s() == 0.0


async def test_the_waiting_ends_when_the_fence_moves_on(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    off = await closed(deployment, process)
    await process.lease.compare_and_set(off, off.armed(RUN))
    await process.lease.await_expiry(off)

    assert deployment.clock.naps == []


async def closed(deployment: CoherenceDeployment, process: CoherenceProcess) -> Fence:
    """Have the process close the fence."""
    off = deployment.fence.fenced("lost")
    await process.lease.compare_and_set(deployment.fence, off)
    return off


HERE, THERE = "here", "there"


@pytest.fixture
async def copy(deployment: CoherenceDeployment) -> FakeFenceStore:
    """Return the store of a copy of a deployment's database, that is elsewhere."""
    deployment.store.at = HERE
    await deployment.process()
    copy = FakeFenceStore(deployment.clock)
    copy.fence, copy.at = deployment.fence, THERE
    return copy


async def test_the_first_process_on_a_copy_gives_it_a_name_and_a_closed_fence_of_its_own(
    deployment: CoherenceDeployment, copy: FakeFenceStore
) -> None:
    before, lease = deployment.fence, deployment.lease(store=copy)
    copy.down = True
    with pytest.raises(DatabaseUnavailable, match="origin"):
        await lease.start(RUN)
    copy.down = False
    fence = await lease.current()

    assert fence == copy.fence
    assert (fence.state, fence.origin) == (State.OFF, THERE)
    assert fence.deployment != before.deployment
    assert fence.fences == {"new-origin": 1}
    assert deployment.fence == before


async def test_of_two_processes_that_start_on_it_at_once_one_gives_it_a_name(
    deployment: CoherenceDeployment, copy: FakeFenceStore
) -> None:
    copy.rivals.append(deployment.fence.moved(THERE))
    fence = await deployment.lease(store=copy).start(RUN)

    assert copy.fence == fence
    assert fence.fences == {"new-origin": 1}
    assert copy.calls["replace"] == 1
