"""How long a writer waits for the leases of others."""

import pytest

from service.coherence.fence import Fence
from tests.fakes_coherence import RUN
from tests.unit.service.coherence.conftest import CoherenceDeployment, CoherenceProcess


@pytest.mark.parametrize("known_for_s", [0.0, 0.5])
async def test_a_process_waits_once_for_the_rest_of_the_grace(
    deployment: CoherenceDeployment, process: CoherenceProcess, known_for_s: float
) -> None:
    off = await closed(deployment, process)
    deployment.clock.advance(known_for_s)
    await process.lease.await_expiry(off)
    await process.lease.await_expiry(off)

    assert deployment.clock.naps == [pytest.approx(deployment.timing.grace_s - known_for_s)]


async def test_a_change_that_is_no_step_does_not_begin_the_waiting_anew(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    off = await closed(deployment, process)
    deployment.clock.advance(0.5)
    await process.lease.compare_and_set(off, off.switched(enabled=False))

    assert process.lease.observed_s() == pytest.approx(0.5)


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
