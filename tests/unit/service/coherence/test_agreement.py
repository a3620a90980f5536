"""Processes that were set to leases and deadlines of different lengths."""

import pytest

from service.coherence.fence import State
from service.coherence.lease import Timing, first_fence
from service.domain import Account
from tests.fakes_coherence import RUN, CoherenceDeployment, CoherenceProcess
from tests.unit.service.coherence.conftest import BOTH

LONGER = Timing(lease_s=4.0, write_deadline_s=9.0)
SHORTER = Timing(lease_s=0.3, write_deadline_s=1.0)


@pytest.fixture(name="longer")
async def _longer(deployment: CoherenceDeployment, process: CoherenceProcess) -> CoherenceProcess:
    """Return a process that takes longer than the one that made the fence, and is allowed to."""
    del process
    longer = await deployment.process(own=LONGER)
    await longer.lease.note()
    return longer


async def write(process: CoherenceProcess, ada: Account) -> None:
    async with process.repository.write(ada.id, *BOTH):
        pass


async def test_a_process_takes_longer_only_when_the_fence_allows_it(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account
) -> None:
    longer = await deployment.process(own=LONGER)
    await write(longer, ada)
    deployment.clock.advance(process.lease.timing.lease_s)
    before = longer.lease.valid_fence()
    await longer.lease.note()
    await write(longer, ada)
    deployment.clock.advance(LONGER.lease_s - 0.1)

    assert before is None
    assert (deployment.fence.lease_s, deployment.fence.write_deadline_s) == (4.0, 9.0)
    assert longer.lease.valid_fence() == deployment.fence
    assert longer.deadlines == [deployment.timing.write_deadline_s, 9.0]


async def test_saying_so_is_tried_again_when_the_fence_has_moved_meanwhile(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    longer = await deployment.process(own=LONGER)
    deployment.store.rivals.append(deployment.fence.fenced("lost"))
    await longer.lease.note()
    moved = deployment.fence
    await longer.lease.note()

    assert (moved.state, moved.lease_s) == (State.OFF, process.lease.timing.lease_s)
    assert (deployment.fence.state, deployment.fence.lease_s) == (State.OFF, 4.0)


async def test_a_longer_lease_can_be_asked_for_where_the_database_takes_longer_than_the_present_one(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    del process
    deployment.store.latency_s = deployment.timing.lease_s
    longer = deployment.lease(LONGER)
    for _ in range(2):
        await longer.note()

    assert deployment.fence.lease_s == LONGER.lease_s
    assert longer.valid_fence() == deployment.fence


async def test_a_process_set_to_less_keeps_to_what_the_others_need(
    deployment: CoherenceDeployment, longer: CoherenceProcess, ada: Account
) -> None:
    fence = deployment.fence
    shorter = await deployment.process(own=SHORTER)
    await shorter.lease.note()
    await write(shorter, ada)

    assert deployment.fence == fence
    assert shorter.lease.timing.grace_s == longer.lease.timing.grace_s
    assert shorter.deadlines == [SHORTER.write_deadline_s]


@pytest.mark.parametrize("knows", [True, False])
async def test_a_write_is_acknowledged_when_the_longest_lease_has_run_out(
    deployment: CoherenceDeployment,
    process: CoherenceProcess,
    longer: CoherenceProcess,
    ada: Account,
    *,
    knows: bool,
) -> None:
    # One that does not know of the longer lease cannot close the fence before it does.
    if knows:
        await process.lease.renew()
    known = process.lease.known
    deployment.cache.failing = {"mark", "clear"}
    await longer.lease.renew()
    began_at = deployment.clock()
    await write(process, ada)

    assert known is not None
    assert (known.lease_s == LONGER.lease_s) is knows
    assert deployment.clock() - began_at >= LONGER.lease_s
    assert longer.lease.valid_fence() is None


async def test_the_fence_is_opened_when_the_longest_commit_must_have_ended(
    deployment: CoherenceDeployment, longer: CoherenceProcess
) -> None:
    opener = await deployment.process()
    closed = deployment.fence.fenced("lost")
    await longer.lease.compare_and_set(deployment.fence, closed)
    armed = closed.armed(RUN)
    await longer.lease.compare_and_set(closed, armed)
    await opener.lease.renew()
    await opener.healer.step()
    deployment.clock.advance(LONGER.lease_s + LONGER.write_deadline_s)
    await opener.healer.step()
    waiting = deployment.fence
    deployment.clock.advance(0.1)
    await opener.healer.step()

    assert waiting == armed
    assert deployment.fence == armed.opened()


def test_the_longest_lease_and_commit_only_rise_and_opening_keeps_the_armed_namespace() -> None:
    made, first = (first_fence(None, timing) for timing in (LONGER, Timing()))
    longer = first.allowing(3.0, 2.0)
    armed = longer.allowing(0.5, 9.0).armed(RUN)

    assert (made.lease_s, made.write_deadline_s) == (4.0, 9.0)
    assert (longer.lease_s, longer.write_deadline_s) == (3.0, first.write_deadline_s)
    assert (armed.lease_s, armed.write_deadline_s) == (3.0, 9.0)
    assert longer.allowing(3.0, 5.0) is longer
    assert armed.switched(enabled=False).opened().namespace == armed.namespace
