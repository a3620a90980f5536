"""Lists that are too large to be cached, and single todos where no list is cached."""

import pytest

from service.coherence.entries import MAX_ENTRY_BYTES
from service.domain import Account, CachedValue, Todo, TodoChange, TodoId, TodoList
from service.trace import HIT, TOO_LARGE, UNAVAILABLE
from tests.fakes import new_todo
from tests.fakes_coherence import CoherenceDeployment, CoherenceProcess
from tests.unit.service.coherence.conftest import BOTH

TODOS = (CachedValue.TODOS,)


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
    others = await deployment.cache.acquire(deployment.fence, ada.id, TODOS, "of another")
    fill = process.repository._entries.pack(deployment.fence, ada.id, {TODOS[0]: listed(novel)})
    sleep = deployment.clock.sleep

    async def filled_meanwhile(seconds: float) -> None:
        await deployment.cache.fill(deployment.fence, ada.id, "of another", fill)
        await sleep(seconds)

    process.repository._sleep = filled_meanwhile
    snapshot = await process.repository.read(ada.id, TODOS)

    assert others
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
