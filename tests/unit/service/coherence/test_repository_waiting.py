"""A read that may not fill: it waits for a value from the cache, and not for ever."""

import asyncio
from dataclasses import dataclass, field

import pytest

from service.coherence.fence import Fence
from service.coherence.repository import WAITS_S
from service.domain import Account, CachedValue, Snapshot, Todo, UserId
from service.errors import DatabaseUnavailable
from service.ports import CachedValues
from service.trace import COLLAPSED
from tests.fakes_coherence import CoherenceDeployment, CoherenceProcess

TODOS = (CachedValue.TODOS,)


@dataclass
class HeldRead:
    """Database reads that answer only when they are let go."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture
def held(deployment: CoherenceDeployment, monkeypatch: pytest.MonkeyPatch) -> HeldRead:
    """Hold the answer of the first database read back; what it saw is what it will say."""
    held = HeldRead()
    real = deployment.plain.read

    async def read(user_id: UserId, kinds: CachedValues) -> Snapshot:
        first = not held.begun.is_set()
        snapshot = await real(user_id, kinds)
        held.begun.set()
        if first:
            await held.go_on.wait()
        return snapshot

    monkeypatch.setattr(deployment.plain, "read", read)
    return held


async def acquired(deployment: CoherenceDeployment, ada: Account) -> Fence:
    """Have somebody who will never fill hold the token."""
    await deployment.cache.acquire(deployment.fence, ada.id, TODOS, "somebody")
    return deployment.fence


async def test_cold_readers_of_all_processes_cost_one_database_read(
    deployment: CoherenceDeployment,
    process: CoherenceProcess,
    ada: Account,
    milk: Todo,
    held: HeldRead,
) -> None:
    both = (process, await deployment.process())
    readers = [asyncio.ensure_future(one.repository.read(ada.id, TODOS)) for one in both * 25]
    await held.begun.wait()
    held.go_on.set()
    first, *others = await asyncio.gather(*readers)

    assert deployment.todos.calls["page"] == 1
    assert {snapshot.todos for snapshot in others} == {first.todos}
    assert milk.id.encode() in (first.todos.body if first.todos else b"")
    assert {snapshot.outcomes[CachedValue.TODOS] for snapshot in others} == {COLLAPSED}


async def test_a_reader_that_waits_too_long_asks_the_database(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account
) -> None:
    await acquired(deployment, ada)
    started = deployment.clock()
    snapshot = await process.repository.read(ada.id, TODOS)

    assert snapshot.todos
    assert deployment.clock() - started == pytest.approx(sum(WAITS_S))
    assert deployment.clock.naps == pytest.approx(WAITS_S)
    assert snapshot.outcomes == {CachedValue.TODOS: "fwd=miss; detail=waited"}
    assert deployment.cache.calls["fill"] == 0


async def test_a_waiting_reader_stops_when_its_lease_runs_out(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account
) -> None:
    await acquired(deployment, ada)
    deployment.clock.advance(deployment.timing.lease_s - 0.001)
    snapshot = await process.repository.read(ada.id, TODOS)

    assert len(deployment.clock.naps) == 1
    assert snapshot.outcomes == {CachedValue.TODOS: "fwd=bypass; detail=unleased"}


@pytest.mark.parametrize("ends", ["fails", "is cancelled"])
async def test_a_load_that_ends_without_a_value_gives_its_token_back(
    deployment: CoherenceDeployment,
    process: CoherenceProcess,
    ada: Account,
    held: HeldRead,
    ends: str,
) -> None:
    deployment.todos.down = ends == "fails"
    reading = asyncio.ensure_future(process.repository.read(ada.id, TODOS))
    if ends == "is cancelled":
        await held.begun.wait()
        reading.cancel()
    await asyncio.wait({reading})
    await process.repository.drain()

    assert reading.cancelled() or isinstance(reading.exception(), DatabaseUnavailable)
    assert deployment.cache.memory.held == {}
