"""The operator's switch."""

import pytest

from service.coherence.control import DisabledControl, describe
from service.coherence.fence import Fence, State
from service.domain import CachedValue
from service.errors import DatabaseUnavailable, NoCacheConfigured
from service.ports import CacheStatus
from tests.fakes_coherence import RUN, CoherenceDeployment, CoherenceProcess

TODOS = (CachedValue.TODOS,)
ON = Fence("d", seq=5, state=State.ON, namespace=3, run_id=RUN, fences={"lost": 2})


@pytest.mark.parametrize(
    ("fence", "word"),
    [
        (ON, "on"),
        (ON.fenced("lost"), "fenced"),
        (ON.fenced("lost").armed(RUN), "arming"),
        (ON.switched(enabled=False), "off"),
        (ON.switched(enabled=False).fenced("lost"), "off"),
    ],
)
def test_each_state_has_a_word(fence: Fence, word: str) -> None:
    assert describe(fence) == CacheStatus(word, fence.namespace, fence.fences)


@pytest.mark.parametrize("enabled", [False, True])
async def test_a_switch_is_answered_when_nobody_uses_the_old_value(
    deployment: CoherenceDeployment,
    process: CoherenceProcess,
    enabled: bool,  # noqa: FBT001
) -> None:
    started = deployment.clock()
    status = await process.control.switch(enabled=enabled)

    assert status.state == ("on" if enabled else "off")
    assert deployment.fence.enabled is enabled
    assert deployment.clock() - started == pytest.approx(deployment.timing.grace_s)


async def test_a_drop_gives_the_namespace_up_and_waits_once_for_everybody(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    started = deployment.clock()
    status = await process.control.drop()
    took_s = deployment.clock() - started
    deployment.store.fence = deployment.fence.fenced("elsewhere")
    elsewhere = await process.control.status()
    await process.control.drop()

    assert status == CacheStatus("fenced", 1, {"dropped": 1})
    assert elsewhere == CacheStatus("fenced", 1, {"dropped": 1, "elsewhere": 1})
    assert took_s == deployment.clock() - started == pytest.approx(deployment.timing.grace_s)


async def test_a_fence_that_moved_meanwhile_is_changed_as_it_is_now(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    deployment.store.rivals = [deployment.fence.fenced("elsewhere")]
    await process.control.switch(enabled=False)

    assert deployment.fence.state is State.OFF
    assert not deployment.fence.enabled
    assert deployment.fence.fences == {"elsewhere": 1}


async def test_without_a_layer_it_can_be_asked_and_turned_off_but_not_on(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    control = DisabledControl(process.lease)
    before = deployment.fence
    absent = CacheStatus("absent", 1, {})

    assert await control.status() == absent
    assert await control.switch(enabled=False) == absent
    assert await control.drop() == absent
    with pytest.raises(NoCacheConfigured):
        await control.switch(enabled=True)
    assert deployment.fence == before


async def test_a_fence_that_keeps_moving_is_given_up(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    fence = deployment.fence
    for _ in range(20):
        deployment.store.rivals.append(fence := fence.fenced("elsewhere"))
    with pytest.raises(DatabaseUnavailable, match="kept moving"):
        await process.control.drop()
