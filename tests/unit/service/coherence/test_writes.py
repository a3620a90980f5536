"""A write: mark, commit, settle, and what is done when the cache does not confirm."""

import asyncio

import pytest

from service.coherence.fence import State
from service.coherence.uncached import NullCache
from service.coherence.writes import FencedWrites, TokenSource
from service.domain import Account, CachedValue
from service.errors import DatabaseUnavailable, NotFound
from tests.fakes_coherence import RUN, CoherenceDeployment, CoherenceProcess
from tests.unit.service.coherence.conftest import BOTH

TODOS = (CachedValue.TODOS,)
GRACE_S = 0.919


@pytest.fixture
def committed(deployment: CoherenceDeployment) -> list[str]:
    """Return the log of the cache, to which a commit adds itself."""
    return deployment.cache.log


async def write(
    process: CoherenceProcess, ada: Account, log: list[str], failure: Exception | None = None
) -> None:
    async with process.repository.write(ada.id, *TODOS):
        log.append("commit")
        if failure is not None:
            raise failure


async def test_a_write_is_mark_commit_clear_with_a_deadline_and_waits_for_nothing(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, committed: list[str]
) -> None:
    before = deployment.store.calls.total()

    await write(process, ada, committed)

    assert committed == ["mark", "commit", "clear"]
    assert process.deadlines == [5.0]
    assert deployment.clock.naps == []
    assert deployment.store.calls.total() == before


@pytest.mark.parametrize("lost", ["mark", "clear"])
@pytest.mark.parametrize("executed", [False, True])
async def test_without_a_confirmation_the_fence_is_closed_and_waited_out(
    deployment: CoherenceDeployment,
    process: CoherenceProcess,
    ada: Account,
    lost: str,
    executed: bool,  # noqa: FBT001
) -> None:
    (deployment.cache.unheard if executed else deployment.cache.failing).add(lost)
    started = deployment.clock()
    async with process.repository.write(ada.id, *TODOS):
        committed_at = deployment.clock()

    assert deployment.fence.state is State.OFF
    assert deployment.fence.fences == {"unconfirmed": 1}
    assert deployment.clock() - started == pytest.approx(GRACE_S)
    assert committed_at - started == pytest.approx(GRACE_S if lost == "mark" else 0.0)


async def test_only_the_first_write_of_an_outage_costs_each_process_time(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, committed: list[str]
) -> None:
    other = await deployment.process()
    deployment.cache.down = True
    took_s = []
    for one in (process, process, process, other, other):
        started = deployment.clock()
        await write(one, ada, committed)
        took_s.append(deployment.clock() - started)

    # The other one waits until it may believe the closed fence.
    assert took_s == pytest.approx([GRACE_S, 0.0, 0.0, GRACE_S, 0.0])
    assert deployment.store.calls["replace"] == 1
    assert deployment.fence.fences == {"unconfirmed": 1}
    assert committed == ["mark", *["commit"] * 5]


@pytest.mark.parametrize("failure", [NotFound, DatabaseUnavailable])
async def test_a_refused_commit_takes_its_mark_away_and_one_of_unknown_outcome_leaves_it(
    deployment: CoherenceDeployment,
    process: CoherenceProcess,
    ada: Account,
    committed: list[str],
    failure: type[Exception],
) -> None:
    with pytest.raises(failure):
        await write(process, ada, committed, failure())
    marked = deployment.cache.marked(deployment.fence, ada.id)
    deployment.clock.advance(deployment.timing.mark_s)

    unknown = failure is DatabaseUnavailable
    assert committed == ["mark", "commit", *([] if unknown else ["clear"])]
    assert marked is unknown
    assert not deployment.cache.marked(deployment.fence, ada.id)


async def test_a_write_that_cannot_learn_the_fence_is_not_begun(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, committed: list[str]
) -> None:
    deployment.clock.advance(1.0)
    deployment.store.down = True
    with pytest.raises(DatabaseUnavailable):
        await write(process, ada, committed)

    assert committed == []


async def test_a_write_that_can_neither_clear_nor_close_is_not_acknowledged(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account
) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with process.repository.write(ada.id, *TODOS):
            deployment.cache.down = deployment.store.down = True


async def test_a_fence_that_keeps_moving_is_given_up(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, committed: list[str]
) -> None:
    deployment.cache.down = True
    fence = deployment.fence
    for _ in range(20):
        deployment.store.rivals.append(fence := fence.switched(enabled=True))
    with pytest.raises(DatabaseUnavailable, match="kept moving"):
        await write(process, ada, committed)

    assert "commit" not in committed


@pytest.mark.parametrize("step", ["commit", "clear"])
async def test_a_cancelled_write_may_have_happened_and_leaves_its_mark(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, step: str
) -> None:
    reached = asyncio.Event()

    async def stay(*_: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    if step == "clear":
        deployment.cache.clear = stay  # type: ignore[assignment,method-assign]

    async def write_one() -> None:
        async with process.repository.write(ada.id, *TODOS):
            if step == "commit":
                await stay()

    caller = asyncio.ensure_future(write_one())
    await reached.wait()
    caller.cancel()
    await asyncio.wait({caller})

    assert caller.cancelled()
    assert deployment.cache.marked(deployment.fence, ada.id)


def test_tokens_are_never_drawn_twice() -> None:
    one, other = TokenSource(), TokenSource()

    assert len({tokens.draw() for tokens in (one, other) for _ in range(100)}) == 200


# Where the database answers slower than a lease lasts, every write works and no read is cached.
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
