"""What leases of many processes ask of a real database, and how a change of the fence spreads."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from statistics import mean
from typing import Self

import pytest

from benchmarks.stack.embedded import Stack
from service.adapters.mongo.client import connect
from service.adapters.mongo.fence import MongoFenceStore
from service.background import in_background
from service.coherence.fence import Fence, State
from service.coherence.lease import Lease, Timing
from service.coherence.recovery import RecoveryMonitor

pytestmark = pytest.mark.servers

# Healing so soon, a fence that closes early in its life waits no longer than another.
TIMING = Timing(lease_s=0.6, write_deadline_s=0.3, heal_s=0.03)
RENEWALS = 4
FIRST, SECOND = "first run", "second run"


class Counting:
    """A store of the fence that counts what it is asked."""

    def __init__(self, store: MongoFenceStore) -> None:
        self._store = store
        self.asked: Counter[str] = Counter()
        self.moved_at: dict[State, float] = {}

    async def origin(self) -> str:
        return await self._store.origin()

    async def read(self) -> Fence | None:
        found = await self._store.read()
        self.asked["read"] += 1
        return found

    async def create(self, fence: Fence) -> Fence:
        self.asked["create"] += 1
        return await self._store.create(fence)

    async def replace(self, old: Fence, new: Fence) -> bool:
        asked_at = time.perf_counter()
        moved = await self._store.replace(old, new)
        self.asked["replace"] += 1
        if moved:
            self.moved_at[new.state] = asked_at
        return moved

    async def pin(self) -> None:
        await self._store.pin()


@pytest.fixture
async def store(servers: Stack, database_name: str) -> AsyncIterator[Counting]:
    client = connect(servers.mongo.url)
    yield Counting(MongoFenceStore(client[database_name]))
    await client.close()


class Processes:
    """So many leases, each followed and healed as one service process does."""

    def __init__(self, count: int, store: Counting) -> None:
        self.run_id = FIRST
        self.leases = [Lease(store, TIMING, sleep=self._sleep) for _ in range(count)]
        self._stack = AsyncExitStack()
        # On a busy machine a lease waits longer than it should.
        self.slept_s: list[float] = []

    async def __aenter__(self) -> Self:
        for lease in self.leases:
            await lease.start(self.run_id)
            in_background(self._stack, lease.renew_forever(self._fail))
            in_background(self._stack, RecoveryMonitor(lease, self._probe).run(self._fail))
            # Processes that start at once would go on asking at once.
            await asyncio.sleep(TIMING.renew_s / len(self.leases))
        return self

    async def __aexit__(self, *_: object) -> None:
        # As a service ends: a cancellation can get lost inside the driver.
        await self._stack.aclose()

    async def _sleep(self, seconds: float) -> None:
        started = time.perf_counter()
        await asyncio.sleep(seconds)
        self.slept_s.append(time.perf_counter() - started)

    async def _probe(self) -> str:
        return self.run_id

    def all_cache(self) -> bool:
        fences = [lease.valid_fence() for lease in self.leases]
        return all(fence and fence.readable and fence.run_id == self.run_id for fence in fences)

    @staticmethod
    def _fail(error: Exception) -> None:
        raise error


@pytest.mark.parametrize("count", [1, 8])
async def test_a_lease_costs_the_reads_that_are_foreseen_and_no_write(
    count: int, store: Counting
) -> None:
    async with Processes(count, store) as processes:
        store.asked.clear()
        processes.slept_s.clear()
        while len(processes.slept_s) < RENEWALS * count:  # noqa: ASYNC110 - leases tell nobody
            await asyncio.sleep(0.01)
        intervals, asked = list(processes.slept_s), dict(store.asked)

    # The formula of docs/scale.md: one read for each interval of each process.
    assert asked.keys() == {"read"}
    assert mean(intervals) > 0.99 * TIMING.renew_s
    # The first and the last interval of each process are cut.
    assert abs(asked["read"] - len(intervals)) <= 2 * count


async def test_a_new_run_of_redis_moves_every_process_and_writes_three_times(
    store: Counting,
) -> None:
    count = 8
    async with Processes(count, store) as processes:
        await asyncio.sleep(TIMING.lease_s)
        store.asked.clear()
        processes.run_id = SECOND
        async with asyncio.timeout(60):
            while not processes.all_cache():  # noqa: ASYNC110 - leases tell nobody
                await asyncio.sleep(0.01)
        cached_at = time.perf_counter()

    closed_at = store.moved_at[State.OFF]
    assert list(store.moved_at) == [State.OFF, State.ARM, State.ON]
    assert 3 <= store.asked["replace"] <= 3 * count
    # Nobody caches before the last lease and the last write from before the change have ended.
    away_s = TIMING.grace_s + TIMING.grace_s + TIMING.write_deadline_s
    assert away_s <= store.moved_at[State.ON] - closed_at
    assert store.moved_at[State.ON] < cached_at
