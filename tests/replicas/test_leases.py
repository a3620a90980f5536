"""The simulation of leases says what leases of the service do on a real database."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Self

import pytest

from benchmarks.model.fence import Database, Intervals, renewals_per_s
from benchmarks.model.leases import incident
from benchmarks.stack.embedded import Stack
from service.adapters.mongo.client import connect
from service.adapters.mongo.fence import MongoFenceStore
from service.coherence.fence import Fence, State
from service.coherence.healer import Healer
from service.coherence.lease import Lease
from service.coherence.timing import Timing

pytestmark = pytest.mark.servers

# Healing so soon, a fence that closes early in its life waits no longer than another.
INTERVALS = Intervals(lease_s=0.6, write_deadline_s=0.3, heal_s=0.03)
TIMING = Timing(lease_s=0.6, write_deadline_s=0.3, heal_s=0.03)
OBSERVED_S = 1.5
LATE_S = 2.0
LOG = logging.getLogger(__name__)
FIRST, SECOND = "first run", "second run"


class Counting:
    """A store of the fence that counts what it is asked, and how long that takes."""

    def __init__(self, store: MongoFenceStore) -> None:
        self._store = store
        self.asked: Counter[str] = Counter()
        self.spent_s = 0.0
        self.moved_at: dict[State, float] = {}

    async def read(self) -> Fence | None:
        async with self._timed("read"):
            return await self._store.read()

    async def create(self, fence: Fence) -> Fence:
        async with self._timed("create"):
            return await self._store.create(fence)

    async def replace(self, old: Fence, new: Fence) -> bool:
        async with self._timed("replace"):
            moved = await self._store.replace(old, new)
        if moved:
            self.moved_at[new.state] = time.perf_counter()
        return moved

    async def pin(self) -> None:
        await self._store.pin()

    def forget(self) -> None:
        """Count from now on."""
        self.asked.clear()
        self.spent_s = 0.0

    def took(self, at_once: int) -> Database:
        """Return the database as it answered: what waits in it is in its time."""
        return Database(operation_s=self.spent_s / self.asked.total(), at_once=at_once)

    @asynccontextmanager
    async def _timed(self, what: str) -> AsyncIterator[None]:
        started = time.perf_counter()
        yield
        self.asked[what] += 1
        self.spent_s += time.perf_counter() - started


@pytest.fixture
async def store(servers: Stack, database_name: str) -> AsyncIterator[Counting]:
    client = connect(servers.mongo.url)
    yield Counting(MongoFenceStore(client[database_name]))
    await client.close()


class Processes:
    """So many leases, each followed and healed as one service process does."""

    def __init__(self, count: int, store: Counting) -> None:
        self.run_id = FIRST
        self.leases = [Lease(store, TIMING) for _ in range(count)]
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for lease in self.leases:
            await lease.start(self.run_id)
            self._tasks.append(asyncio.ensure_future(lease.follow(self._fail)))
            self._tasks.append(asyncio.ensure_future(Healer(lease, self._probe).run(self._fail)))
            # Processes that start at once would go on asking at once.
            await asyncio.sleep(TIMING.renew_s / len(self.leases))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _probe(self) -> str:
        return self.run_id

    def all_cache(self) -> bool:
        fences = [lease.peek() for lease in self.leases]
        return all(fence and fence.readable and fence.run_id == self.run_id for fence in fences)

    @staticmethod
    def _fail(error: Exception) -> None:
        raise error


@pytest.mark.parametrize("count", [1, 4, 16])
async def test_a_lease_costs_the_reads_that_are_foreseen_and_no_write(
    count: int, store: Counting
) -> None:
    async with Processes(count, store):
        store.forget()
        started = time.perf_counter()
        await asyncio.sleep(OBSERVED_S)
        seconds = time.perf_counter() - started

    took = store.took(count)
    measured, foreseen = store.asked["read"] / seconds, renewals_per_s(count, INTERVALS, took)
    LOG.info("%d leases: %.1f renewals/s, foreseen %.1f", count, measured, foreseen)
    assert set(store.asked) == {"read"}
    # The first and the last interval of each process are cut.
    assert measured == pytest.approx(foreseen, abs=2 * count / seconds, rel=0.05)


async def test_a_new_run_of_redis_moves_every_process_as_it_is_simulated(store: Counting) -> None:
    count = 8
    async with Processes(count, store) as processes:
        await asyncio.sleep(INTERVALS.lease_s)
        store.forget()
        processes.run_id = SECOND
        async with asyncio.timeout(10):
            while not processes.all_cache():  # noqa: ASYNC110 - leases tell nobody
                await asyncio.sleep(0.01)
        cached_at = time.perf_counter()

    took = store.took(count)
    played = [incident(count, INTERVALS, took, restart=True, seed=seed) for seed in range(20)]
    closed_at = store.moved_at[State.OFF]
    LOG.info(
        "%d processes: %d attempts (simulated %d to %d), open again after %.2f s (%.2f to %.2f), "
        "all cache after %.2f s (%.2f to %.2f)",
        count,
        store.asked["replace"],
        *_span([each.changes for each in played]),
        store.moved_at[State.ON] - closed_at,
        *_span([each.opened_s for each in played]),
        cached_at - closed_at,
        *_span([each.cached_s for each in played]),
    )
    assert set(store.moved_at) == {State.OFF, State.ARM, State.ON}
    assert 3 <= store.asked["replace"] <= max(each.changes for each in played) + count
    assert min(each.opened_s for each in played) <= store.moved_at[State.ON] - closed_at + 0.05
    assert cached_at - closed_at <= max(each.cached_s for each in played) + LATE_S


def _span(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)
