"""Closing the fence where Redis is slow or another, and opening it again, on a manual clock."""

import asyncio

import pytest

from service.coherence.fence import State
from service.coherence.recovery import (
    FACTOR,
    LOOKS,
    MARGIN_S,
    MAX_BACKOFF,
    NotPrimary,
    RecoveryMonitor,
    RedisPace,
)
from service.errors import DatabaseUnavailable
from tests.fakes import ManualClock
from tests.fakes_coherence import RUN, CoherenceDeployment, CoherenceProcess

TICK_S = 0.1
HEAL_S = 3.0
GRACE_S = 0.919
OPEN_S = 0.919 + 5.0


async def steps(deployment: CoherenceDeployment, process: CoherenceProcess, count: int) -> None:
    """Let time pass, with a look at everything each tenth of a second."""
    for _ in range(count):
        deployment.clock.advance(TICK_S)
        await process.healer.step()


async def until(deployment: CoherenceDeployment, process: CoherenceProcess, state: State) -> float:
    """Step the monitor until the fence is in that state; return after how many seconds."""
    started = deployment.clock()
    while deployment.fence.state is not state:
        assert deployment.clock() - started < 200.0
        await steps(deployment, process, 1)
    return deployment.clock() - started


async def close(deployment: CoherenceDeployment, process: CoherenceProcess) -> None:
    await process.lease.compare_and_set(deployment.fence, deployment.fence.fenced("lost"))
    await process.healer.step()


async def test_a_closed_fence_is_armed_and_then_opened_when_both_have_waited_long_enough(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    await close(deployment, process)
    old = deployment.fence.namespace
    healed_s = await until(deployment, process, State.ARM)
    armed = deployment.fence
    opened_s = await until(deployment, process, State.ON)

    # Redis has answered for so long.
    assert healed_s == pytest.approx(HEAL_S, abs=2 * TICK_S)
    assert (armed.namespace > old, armed.run_id) == (True, RUN)
    # Every writer that believed it closed has finished.
    assert OPEN_S <= opened_s < OPEN_S + 2 * TICK_S
    assert deployment.fence.namespace == armed.namespace


@pytest.mark.parametrize("loss", ["silent", "restarted"])
async def test_a_redis_that_stops_answering_or_is_restarted_is_waited_for_anew(
    deployment: CoherenceDeployment, process: CoherenceProcess, loss: str
) -> None:
    await close(deployment, process)
    deployment.clock.advance(HEAL_S - 0.5)
    deployment.run_id = None if loss == "silent" else RUN
    await process.healer.step()
    deployment.run_id = RUN if loss == "silent" else "run-2"

    assert await until(deployment, process, State.ARM) == pytest.approx(HEAL_S, abs=0.3)
    assert deployment.fence.run_id == deployment.run_id


@pytest.mark.parametrize("state", [State.ON, State.ARM])
async def test_a_fence_that_is_not_closed_is_when_the_server_is_another(
    deployment: CoherenceDeployment, process: CoherenceProcess, state: State
) -> None:
    if state is State.ARM:
        await close(deployment, process)
        await until(deployment, process, State.ARM)
    await process.healer.step()
    untouched = deployment.fence
    deployment.run_id = "run-2"
    await process.healer.step()

    assert untouched.state is state
    assert deployment.fence == untouched.fenced("new-run")


@pytest.mark.parametrize("state", State)
async def test_a_redis_that_is_silent_for_one_process_changes_nothing(
    deployment: CoherenceDeployment, process: CoherenceProcess, state: State
) -> None:
    if state is not State.ON:
        await close(deployment, process)
    if state is State.ARM:
        await until(deployment, process, State.ARM)
    deployment.run_id = None
    await steps(deployment, process, 100)

    assert deployment.fence.state is state


async def test_a_process_without_redis_keeps_the_fence_closed(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    await close(deployment, process)
    for _ in range(100):
        await deployment.store.pin()
        deployment.clock.advance(deployment.timing.lease_s)
        await process.healer.step()
    closed = deployment.fence.state
    healed_s = await until(deployment, process, State.ARM)

    assert closed is State.OFF
    assert healed_s == pytest.approx(deployment.timing.write_deadline_s, abs=0.3)


async def test_a_pin_that_was_never_seen_before_is_taken_for_a_new_one(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    await deployment.store.pin()
    await close(deployment, process)

    assert await until(deployment, process, State.ARM) >= deployment.timing.write_deadline_s


@pytest.mark.parametrize("opens", [True, False])
async def test_a_fence_that_closes_soon_or_before_it_opens_stays_closed_twice_as_long(
    deployment: CoherenceDeployment, process: CoherenceProcess, *, opens: bool
) -> None:
    healed_s = []
    for _ in range(6):
        await process.healer.step()
        await close(deployment, process)
        healed_s.append(await until(deployment, process, State.ARM))
        if opens:
            await until(deployment, process, State.ON)

    doubled = [HEAL_S * factor for factor in (2, 4, 8, 16, MAX_BACKOFF, MAX_BACKOFF)]
    assert healed_s == pytest.approx(doubled, abs=0.3)


async def test_a_namespace_that_the_operator_drops_again_and_again_comes_back_as_soon_each_time(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    healed_s = []
    for _ in range(6):
        await process.healer.step()
        await process.control.drop()
        await process.healer.step()
        healed_s.append(await until(deployment, process, State.ARM))
        await until(deployment, process, State.ON)

    assert healed_s == pytest.approx([HEAL_S - GRACE_S] * 6, abs=0.3)


async def test_a_server_that_became_a_replica_closes_the_fence_and_never_arms_it(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    async def replica() -> str:
        raise NotPrimary

    healer = RecoveryMonitor(
        process.lease, replica, clock=deployment.clock, sleep=deployment.clock.sleep
    )
    await healer.step()
    closed = deployment.fence
    for _ in range(100):
        deployment.clock.advance(HEAL_S)
        await healer.step()

    assert closed.state is State.OFF
    assert closed.fences == {"new-run": 1}
    assert deployment.fence == closed


async def test_a_long_calm_makes_it_quick_again(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    for _ in range(2):
        await process.healer.step()
        await close(deployment, process)
        await until(deployment, process, State.ON)
    await process.healer.step()
    deployment.clock.advance(HEAL_S * MAX_BACKOFF + 1)
    await close(deployment, process)

    assert await until(deployment, process, State.ARM) == pytest.approx(HEAL_S, abs=0.3)


async def test_it_works_for_ever_and_tells_its_failures(
    deployment: CoherenceDeployment, process: CoherenceProcess, errors: list[Exception]
) -> None:
    running = asyncio.ensure_future(process.healer.run(errors.append))
    deployment.store.down = True
    await deployment.clock.sleep(3.0)
    deployment.store.down = False
    await process.lease.compare_and_set(deployment.fence, deployment.fence.fenced("lost"))
    # It was open for no time at all, so it is closed for twice as long.
    await deployment.clock.sleep(2 * HEAL_S + OPEN_S + 1.0)
    running.cancel()

    assert {type(error) for error in errors} == {DatabaseUnavailable}
    assert deployment.fence.state is State.ON


DATABASE_S = 0.002
WORTH_S = FACTOR * DATABASE_S + MARGIN_S


class PacedServers:
    """A Redis and a database that take as long as they are told."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.redis_s = 0.0005
        self.database_s = DATABASE_S
        self.pace = RedisPace(self._redis, self._database, clock=self.clock)

    async def looks(self, count: int = LOOKS) -> list[bool]:
        return [await self.pace.too_slow() for _ in range(count)]

    async def _redis(self) -> None:
        if self.redis_s == float("inf"):
            raise ConnectionError
        self.clock.advance(self.redis_s)

    async def _database(self) -> None:
        if self.database_s == float("inf"):
            raise DatabaseUnavailable
        self.clock.advance(self.database_s)


@pytest.fixture
def servers() -> PacedServers:
    return PacedServers()


@pytest.mark.parametrize("redis_s", [WORTH_S - 0.0001, WORTH_S + 0.0001, 3.0, float("inf")])
async def test_a_redis_that_is_slower_each_time_or_silent_is_too_slow_after_so_many_looks(
    servers: PacedServers, redis_s: float
) -> None:
    servers.redis_s = redis_s

    assert await servers.looks() == [False] * (LOOKS - 1) + [redis_s > WORTH_S]


async def test_a_single_quick_answer_of_redis_says_that_the_rest_was_the_process(
    servers: PacedServers,
) -> None:
    servers.redis_s = 0.03
    before = await servers.looks()
    servers.redis_s = 0.0005
    quick = await servers.looks(1)
    servers.redis_s = 0.03
    after = await servers.looks()

    assert before[-1]
    assert quick == [False]
    assert after == [False] * (LOOKS - 1) + [True]


async def test_a_database_that_does_not_answer_is_not_compared(servers: PacedServers) -> None:
    servers.database_s = float("inf")
    for _ in range(LOOKS):
        with pytest.raises(DatabaseUnavailable):
            await servers.looks(1)
    servers.database_s = DATABASE_S

    assert await servers.looks(1) == [False]


async def test_while_redis_is_too_slow_the_fence_is_closed_and_then_opens_again(
    deployment: CoherenceDeployment, process: CoherenceProcess, servers: PacedServers
) -> None:
    monitor = RecoveryMonitor(process.lease, deployment.probe, servers.pace, clock=deployment.clock)
    states = []
    for look in range(600):
        servers.redis_s = 0.03 if look < 300 else 0.0005
        deployment.clock.advance(deployment.timing.renew_s)
        await monitor.step()
        states.append(deployment.fence.state)

    assert states[:300] == [State.ON] * (LOOKS - 1) + [State.OFF] * (301 - LOOKS)
    assert deployment.fence.fences == {"slow": 1}
    assert states[-1] is State.ON
