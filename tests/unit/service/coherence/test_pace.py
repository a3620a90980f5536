"""A Redis that is slower than the database, and what becomes of the cache meanwhile."""

import pytest

from service.coherence.fence import State
from service.coherence.recovery import FACTOR, LOOKS, MARGIN_S, RecoveryMonitor, RedisPace
from service.errors import DatabaseUnavailable
from tests.fakes import ManualClock
from tests.fakes_coherence import CoherenceDeployment, CoherenceProcess

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
    servers.redis_s = 0.03
    states = [await _state_after_a_look(deployment, monitor) for _ in range(300)]
    servers.redis_s = 0.0005
    later = [await _state_after_a_look(deployment, monitor) for _ in range(300)]

    assert states == [State.ON] * (LOOKS - 1) + [State.OFF] * (301 - LOOKS)
    assert deployment.fence.fences == {"slow": 1}
    assert later[-1] is State.ON


async def _state_after_a_look(deployment: CoherenceDeployment, monitor: RecoveryMonitor) -> State:
    deployment.clock.advance(deployment.timing.renew_s)
    await monitor.step()
    return deployment.fence.state
