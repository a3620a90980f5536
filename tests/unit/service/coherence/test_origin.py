"""A database that was copied, or restored while no process ran, and the Redis that they share."""

import pytest

from service.coherence.fence import State
from service.coherence.lease import Lease
from tests.fakes_coherence import RUN, FakeFenceStore
from tests.unit.service.coherence.conftest import CoherenceDeployment, CoherenceProcess

HERE, THERE = "here", "there"


@pytest.fixture
async def copy(deployment: CoherenceDeployment) -> FakeFenceStore:
    """Return the store of a copy of a deployment's database, that is elsewhere."""
    deployment.store.at = HERE
    await deployment.process()
    copy = FakeFenceStore(deployment.clock)
    copy.fence, copy.at = deployment.fence, THERE
    return copy


def lease_on(store: FakeFenceStore, deployment: CoherenceDeployment) -> Lease:
    return Lease(store, deployment.timing, clock=deployment.clock, sleep=deployment.clock.sleep)


async def test_the_first_process_on_a_copy_gives_it_a_name_and_a_closed_fence_of_its_own(
    deployment: CoherenceDeployment, copy: FakeFenceStore
) -> None:
    before = deployment.fence
    fence = await lease_on(copy, deployment).start(RUN)

    assert fence == copy.fence
    assert (fence.state, fence.origin) == (State.OFF, THERE)
    assert fence.deployment != before.deployment
    assert fence.fences == {"new-origin": 1}
    assert deployment.fence == before


async def test_it_is_given_a_name_also_where_the_first_question_had_no_answer(
    deployment: CoherenceDeployment, copy: FakeFenceStore
) -> None:
    lease, old = lease_on(copy, deployment), deployment.fence
    copy.down = True
    with pytest.raises(Exception, match="origin"):
        await lease.start(RUN)
    copy.down = False

    assert (await lease.current()).deployment != old.deployment


async def test_of_two_processes_that_start_on_it_at_once_one_gives_it_a_name(
    deployment: CoherenceDeployment, copy: FakeFenceStore
) -> None:
    copy.rivals.append(deployment.fence.moved(THERE))
    fence = await lease_on(copy, deployment).start(RUN)

    assert copy.fence == fence
    assert fence.fences == {"new-origin": 1}
    assert copy.calls["replace"] == 1


async def test_a_process_that_runs_meanwhile_takes_the_new_name(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    old = deployment.fence
    deployment.store.at = THERE
    await deployment.process()
    await process.lease.renew()

    assert process.lease.known == deployment.fence
    assert deployment.fence.deployment != old.deployment
