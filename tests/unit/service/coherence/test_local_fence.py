"""Where a process may copy: only where every writer is known to wait for it."""

import pytest

from service.domain import Account, Slot
from service.trace import Trace
from tests.fakes_coherence import RUN
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


async def test_a_process_copies_only_after_writers_have_waited_for_a_grace(
    deployment: Deployment, start: Start, ada: Account
) -> None:
    process = start()
    fence = await process.lease.start(RUN)
    await warm(process, ada)
    unwaited = [await asked(deployment, process, ada.id) for _ in range(2)]
    await process.lease.step(fence, fence.copying(LOCAL_S))
    early = [await asked(deployment, process, ada.id) for _ in range(2)]
    await pass_time(deployment, process, deployment.timing.grace_s / 2)
    halfway = [await asked(deployment, process, ada.id) for _ in range(2)]
    await pass_time(deployment, process, deployment.timing.grace_s / 2)
    late = [await asked(deployment, process, ada.id) for _ in range(2)]

    assert unwaited == early == halfway == [True, True]
    assert late == [True, False]


async def test_where_writers_wait_for_less_nothing_is_copied(
    deployment: Deployment, start: Start, ada: Account
) -> None:
    process = start()
    fence = await process.lease.start(RUN)
    await process.lease.step(fence, fence.copying(LOCAL_S / 2))
    await warm(process, ada)
    process.copies.allowed(deployment.fence)
    await pass_time(deployment, process, deployment.timing.grace_s)

    assert [await asked(deployment, process, ada.id) for _ in range(2)] == [True, True]


async def test_a_longer_wait_for_others_does_not_begin_the_grace_anew(
    deployment: Deployment, copying: Copying, ada: Account
) -> None:
    await warm(copying, ada)
    await copying.lease.step(deployment.fence, deployment.fence.copying(3 * LOCAL_S))

    assert [await asked(deployment, copying, ada.id) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("how", ["unleased", "off", "disabled"])
async def test_no_copy_is_used_without_a_lease_that_allows_reads(
    deployment: Deployment, copying: Copying, ada: Account, how: str, trace: Trace
) -> None:
    await warm(copying, ada)
    await copying.reads.read(ada.id, BOTH)
    fence = deployment.fence
    if how == "unleased":
        # Somebody asked shortly before the lease ran out.
        deployment.clock.advance(deployment.timing.lease_s - LOCAL_S / 2)
        await copying.reads.read(ada.id, BOTH)
        deployment.clock.advance(LOCAL_S / 2)
    else:
        new = fence.fenced("lost") if how == "off" else fence.switched(enabled=False)
        await copying.lease.step(fence, new)
    assert len(copying.copies) == 2
    await copying.reads.read(ada.id, BOTH)

    assert {outcome.partition(";")[0] for outcome in trace.outcomes.values()} == {"fwd=bypass"}


async def test_copies_end_with_their_namespace_and_begin_again_in_the_next(
    deployment: Deployment, copying: Copying, ada: Account
) -> None:
    await warm(copying, ada)
    await copying.reads.read(ada.id, BOTH)
    old = deployment.fence
    for step in ("fenced", "armed", "opened", "copying"):
        fence = deployment.fence
        new = {
            "fenced": fence.fenced("lost"),
            "armed": fence.armed(RUN),
            "opened": fence.opened(),
            "copying": fence.copying(LOCAL_S),
        }
        await copying.lease.step(fence, new[step])
        assert deployment.fence.local_s == (0.0 if step in ("armed", "opened") else LOCAL_S)
    await warm(copying, ada)
    early = [await asked(deployment, copying, ada.id) for _ in range(2)]
    # An answer from the old namespace comes late.
    copying.copies.keep(old, ada.id, {Slot.USER: None}, deployment.clock())
    kept = len(copying.copies)
    await pass_time(deployment, copying, deployment.timing.grace_s)
    late = [await asked(deployment, copying, ada.id) for _ in range(2)]

    assert early == [True, True]
    assert kept == 0
    assert late == [True, False]
