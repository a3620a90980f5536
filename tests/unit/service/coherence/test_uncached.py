"""A process without Redis beside processes that cache."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from service.coherence.fence import State
from service.coherence.uncached import UncachedRepository, keep_closed
from service.domain import Account, CachedValue
from service.errors import DatabaseUnavailable
from tests.fakes_coherence import RUN, CoherenceDeployment, CoherenceProcess

TODOS = (CachedValue.TODOS,)


@pytest.fixture
async def uncached(deployment: CoherenceDeployment) -> UncachedRepository:
    return (await deployment.process(None)).uncached


async def test_in_a_deployment_of_its_own_a_write_costs_no_more_than_its_commit(
    deployment: CoherenceDeployment, uncached: UncachedRepository, ada: Account
) -> None:
    for _ in range(2):
        async with uncached.write(ada.id, *TODOS):
            pass

    assert deployment.clock.naps == []
    assert deployment.store.calls["replace"] == 0


@pytest.fixture
async def closing(
    deployment: CoherenceDeployment, process: CoherenceProcess, errors: list[Exception]
) -> AsyncIterator[None]:
    """Have a process without Redis keep the fence closed."""
    del process
    lease, sleep = deployment.lease(), deployment.clock.sleep
    task = asyncio.ensure_future(keep_closed(lease, deployment.store, errors.append, sleep=sleep))
    yield
    task.cancel()


@pytest.mark.usefixtures("closing")
async def test_it_closes_the_fence_whenever_somebody_opened_it_and_tells_its_failures(
    deployment: CoherenceDeployment, process: CoherenceProcess, errors: list[Exception]
) -> None:
    await deployment.clock.sleep(1.0)
    first = deployment.fence
    await process.lease.renew()
    await process.lease.compare_and_set(first, first.armed(RUN))
    deployment.store.down = True
    await deployment.clock.sleep(2.0)
    deployment.store.down = False
    await deployment.clock.sleep(2.0)

    assert (first.state, deployment.fence.state) == (State.OFF, State.OFF)
    assert deployment.fence.fences == {"no-redis": 2}
    assert deployment.fence.pin >= 3
    assert {type(error) for error in errors} == {DatabaseUnavailable}


@pytest.mark.usefixtures("closing")
async def test_it_says_more_often_than_a_monitor_forgets_that_it_is_there(
    deployment: CoherenceDeployment, process: CoherenceProcess, errors: list[Exception]
) -> None:
    await deployment.clock.sleep(0.0)
    healing = asyncio.ensure_future(process.healer.run(errors.append))
    # Several times as long as a monitor that hears nothing waits.
    await deployment.clock.sleep(5 * deployment.timing.write_deadline_s)
    healing.cancel()

    assert deployment.fence.fences == {"no-redis": 1}
    assert errors == []
