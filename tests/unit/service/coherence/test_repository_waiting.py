"""A read that may not fill: it waits for a value from the cache, and not for ever.

Lists that are too large to be cached, and single todos where no list is cached, are not waited for.
"""

import asyncio
from dataclasses import dataclass, field

import pytest

from service.coherence.entries import MAX_ENTRY_BYTES
from service.coherence.repository import WAITS_S
from service.domain import (
    Account,
    CachedValue,
    Snapshot,
    Todo,
    TodoChange,
    TodoId,
    TodoList,
    UserId,
)
from service.errors import DatabaseUnavailable
from service.ports import CachedValues
from service.trace import COLLAPSED, HIT, TOO_LARGE, UNAVAILABLE
from tests.fakes import new_todo
from tests.fakes_coherence import CoherenceDeployment, CoherenceProcess
from tests.unit.service.coherence.conftest import BOTH

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


async def acquired(deployment: CoherenceDeployment, ada: Account) -> None:
    """Have somebody who will never fill hold the token."""
    await deployment.cache.acquire(deployment.fence, ada.id, TODOS, "somebody")


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


@pytest.fixture
async def novel(deployment: CoherenceDeployment, ada: Account) -> Todo:
    """Return a todo that makes its list too large."""
    return await deployment.todos.insert(ada.id, new_todo("Novel", "x" * MAX_ENTRY_BYTES))


@pytest.fixture
async def known(process: CoherenceProcess, ada: Account, novel: Todo) -> Todo:
    """Return it after the list was read once."""
    await process.repository.read(ada.id, BOTH)
    await process.repository.drain()
    return novel


def database_calls(deployment: CoherenceDeployment) -> tuple[int, int, int]:
    """Return how often accounts, lists and single todos were asked for."""
    users, todos = deployment.users.calls, deployment.todos.calls
    return users["find"], todos["page"], todos["find"]


async def test_a_list_that_is_too_large_is_read_from_the_database_at_once(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, known: Todo
) -> None:
    deployment.cache.log.clear()
    snapshot = await process.repository.read(ada.id, BOTH)

    assert snapshot.todos
    assert known.id.encode() in snapshot.todos.body
    assert snapshot.account == ada
    assert snapshot.outcomes == {CachedValue.USER: HIT, CachedValue.TODOS: TOO_LARGE}
    assert deployment.cache.log == ["get"]
    assert deployment.clock.naps == []
    assert database_calls(deployment) == (1, 2, 0)


async def test_a_reader_who_waits_for_a_list_that_turns_out_too_large_asks_the_database(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, novel: Todo
) -> None:
    await acquired(deployment, ada)
    fill = process.repository._entries.pack(deployment.fence, ada.id, {TODOS[0]: listed(novel)})
    sleep = deployment.clock.sleep

    async def filled_meanwhile(seconds: float) -> None:
        await deployment.cache.fill(deployment.fence, ada.id, "somebody", fill)
        await sleep(seconds)

    process.repository._sleep = filled_meanwhile
    snapshot = await process.repository.read(ada.id, TODOS)

    assert snapshot.outcomes == {CachedValue.TODOS: TOO_LARGE}
    assert len(deployment.clock.naps) == 1


async def test_a_list_that_became_small_again_is_cached_again(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, known: Todo
) -> None:
    async with process.repository.write(ada.id, CachedValue.TODOS):
        await deployment.todos.update(ada.id, known.id, TodoChange({"task": ""}))
    first = await process.repository.read(ada.id, TODOS)
    await process.repository.drain()
    second = await process.repository.read(ada.id, TODOS)

    assert first.outcomes == {CachedValue.TODOS: "fwd=miss; detail=invalidated"}
    assert second.outcomes == {CachedValue.TODOS: HIT}


async def test_one_todo_of_a_list_that_is_too_large_is_one_find(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, known: Todo
) -> None:
    found = await process.repository.todo(ada.id, known.id)
    missing = await process.repository.todo(ada.id, TodoId("0" * 24))

    assert (found.account, found.todo, missing.todo) == (ada, known, None)
    assert found.outcomes == {CachedValue.USER: HIT, CachedValue.TODOS: TOO_LARGE}
    assert database_calls(deployment) == (3, 1, 2)


async def test_one_todo_costs_the_same_two_finds_as_uncached_where_the_cache_does_not_answer(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, milk: Todo
) -> None:
    deployment.cache.failing = {"get"}
    failing = await process.repository.todo(ada.id, milk.id)
    await process.lease.compare_and_set(deployment.fence, deployment.fence.fenced("lost"))
    fenced = await process.repository.todo(ada.id, milk.id)

    assert (failing.account, failing.todo) == (fenced.account, fenced.todo) == (ada, milk)
    assert set(failing.outcomes.values()) == {UNAVAILABLE}
    assert set(fenced.outcomes.values()) == {"fwd=bypass; detail=fenced"}
    assert database_calls(deployment) == (2, 0, 2)


async def test_one_todo_is_one_find_while_its_owner_writes(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, milk: Todo
) -> None:
    await deployment.cache.mark(deployment.fence, ada.id, BOTH, "of a writer")
    found = await process.repository.todo(ada.id, milk.id)

    assert (found.account, found.todo) == (ada, milk)
    assert set(found.outcomes.values()) == {"fwd=miss; detail=writing"}
    assert deployment.clock.naps == []
    assert deployment.todos.calls["page"] == 0


async def test_one_todo_fills_the_list_where_it_may(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, milk: Todo
) -> None:
    found = [await process.repository.todo(ada.id, milk.id)]
    await process.repository.drain()
    found.append(await process.repository.todo(ada.id, milk.id))

    assert [each.todo for each in found] == [milk, milk]
    assert set(found[1].outcomes.values()) == {HIT}
    assert database_calls(deployment) == (1, 1, 0)


def listed(todo: Todo) -> TodoList:
    return TodoList(todo.task.encode(), None)
