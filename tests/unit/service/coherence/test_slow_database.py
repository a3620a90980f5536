"""A database that answers slower than a lease lasts: no read of the cache, and every write."""

import pytest

from service.coherence.uncached import NullCache
from service.coherence.writes import FencedWrites
from service.domain import Account
from service.errors import DatabaseUnavailable
from tests.fakes_coherence import RUN, CoherenceDeployment, CoherenceProcess
from tests.unit.service.coherence.conftest import BOTH

SLOW_S = 1.5


@pytest.fixture
def slow(deployment: CoherenceDeployment, process: CoherenceProcess) -> CoherenceProcess:
    """Return a process whose lease is over and lasts no longer than an answer takes."""
    deployment.clock.advance(deployment.timing.lease_s)
    deployment.store.latency_s = SLOW_S
    return process


async def test_a_write_works_in_the_cached_variant_and_has_as_much_less_time_as_its_lease_was_over(
    deployment: CoherenceDeployment, slow: CoherenceProcess, ada: Account
) -> None:
    async with slow.repository.write(ada.id, *BOTH):
        pass

    assert deployment.cache.log == ["mark", "clear"]
    assert deployment.store.calls["read"] == 3
    assert slow.lease.valid_fence() is None
    lease_s, deadline_s = deployment.timing.lease_s, deployment.timing.write_deadline_s
    assert slow.deadlines == [pytest.approx(deadline_s - (SLOW_S - lease_s))]


async def test_a_write_works_in_the_uncached_variant(
    deployment: CoherenceDeployment, slow: CoherenceProcess, ada: Account
) -> None:
    closed = deployment.fence.fenced("no-redis")
    deployment.store.fence = closed.outlived()
    async with FencedWrites(slow.lease, NullCache()).around(ada.id, *BOTH):
        pass

    assert deployment.clock.naps == []


async def test_a_write_that_would_commit_when_others_count_on_its_end_does_not_begin(
    deployment: CoherenceDeployment, slow: CoherenceProcess, ada: Account
) -> None:
    deployment.store.latency_s = deployment.timing.lease_s + deployment.timing.write_deadline_s
    with pytest.raises(DatabaseUnavailable):
        async with slow.repository.write(ada.id, *BOTH):
            pass

    assert slow.deadlines == []


async def test_nor_when_another_process_has_noted_that_every_older_lease_has_ended(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account
) -> None:
    await process.lease.compare_and_set(deployment.fence, deployment.fence.fenced("lost"))
    early = (await deployment.process()).lease.outlived(deployment.fence)
    deployment.clock.advance(2 * deployment.timing.heal_s)
    await process.lease.note()
    fresh = await deployment.process()
    deployment.cache.down = True
    deployment.clock.naps.clear()
    async with fresh.repository.write(ada.id, *BOTH):
        pass

    assert not early
    assert deployment.fence.drained
    assert deployment.clock.naps == []


async def test_a_fence_that_will_open_soon_is_not_noted_as_drained(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    await process.lease.compare_and_set(deployment.fence, deployment.fence.fenced("lost"))
    deployment.clock.advance(2 * deployment.timing.heal_s - 0.001)
    await process.lease.note()

    assert not deployment.fence.drained


async def test_a_fence_that_is_closed_again_is_not_taken_for_drained(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    drained = deployment.fence.fenced("lost").outlived()
    opened = drained.armed(RUN).opened()

    assert drained.drained
    assert not opened.drained
    assert not opened.fenced("again").drained
    assert not drained.fenced("once more").drained
    assert not process.lease.outlived(opened.fenced("again"))
