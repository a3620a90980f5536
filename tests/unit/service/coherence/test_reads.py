"""A read where the cache answers, or says that it does not have the value."""

import asyncio
from dataclasses import replace

import pytest

from service.codec import encode_todos, pack_account, pack_todos
from service.coherence.entries import MAX_ENTRY_BYTES
from service.domain import Account, CachedValue, Snapshot, Todo, TodoList, UserId
from service.errors import DatabaseUnavailable
from service.outcomes import COLLAPSED, CORRUPT, HIT, UNAVAILABLE
from tests.fakes import new_todo
from tests.fakes_coherence import RUN
from tests.unit.service.coherence.conftest import Deployment, Process

BOTH = (CachedValue.USER, CachedValue.TODOS)
TODOS = (CachedValue.TODOS,)


async def warm(process: Process, ada: Account) -> None:
    await process.reads.read(ada.id, BOTH)
    await process.reads.drain()


def listed(*todos: Todo) -> TodoList:
    return TodoList(encode_todos(todos), None)


async def test_a_miss_is_acquire_database_fill(
    deployment: Deployment, process: Process, ada: Account, milk: Todo
) -> None:
    snapshot = await process.reads.read(ada.id, BOTH)
    await process.reads.drain()

    assert snapshot == Snapshot(ada, listed(milk))
    assert deployment.cache.log == ["get", "acquire", "fill"]
    assert deployment.database_reads() == 2
    assert set(snapshot.outcomes.values()) == {"fwd=miss; detail=cold"}


async def test_a_hit_is_one_call_and_no_database_read(
    deployment: Deployment, process: Process, ada: Account, milk: Todo
) -> None:
    await warm(process, ada)
    deployment.cache.log.clear()
    before = deployment.database_reads(), deployment.store.calls.total()
    snapshot = await process.reads.read(ada.id, BOTH)

    assert snapshot == Snapshot(ada, listed(milk))
    assert deployment.cache.log == ["get"]
    assert (deployment.database_reads(), deployment.store.calls.total()) == before
    assert snapshot.outcomes == {CachedValue.USER: HIT, CachedValue.TODOS: HIT}


async def test_only_the_slot_that_is_missing_is_loaded(
    deployment: Deployment, process: Process, ada: Account
) -> None:
    await process.reads.read(ada.id, (CachedValue.USER,))
    await process.reads.drain()
    snapshot = await process.reads.read(ada.id, BOTH)

    assert (deployment.users.calls["find"], deployment.todos.calls["page"]) == (1, 1)
    assert snapshot.outcomes == {CachedValue.USER: HIT, CachedValue.TODOS: "fwd=miss; detail=cold"}


async def test_nobody_is_not_cached(deployment: Deployment, process: Process) -> None:
    nobody = UserId("0" * 24)
    for _ in range(2):
        assert await process.reads.read(nobody, BOTH) == Snapshot()
        await process.reads.drain()

    assert deployment.users.calls["find"] == 2
    assert {held[:1] for held, _ in deployment.cache.held.values() if held} <= {b""}


async def test_an_invalidated_entry_is_said_so(process: Process, ada: Account) -> None:
    await warm(process, ada)
    await process.write(ada.id, TODOS, nothing)
    snapshot = await process.reads.read(ada.id, BOTH)

    assert snapshot.outcomes == {
        CachedValue.USER: HIT,
        CachedValue.TODOS: "fwd=miss; detail=invalidated",
    }


async def test_a_fill_that_was_refused_left_no_entry_that_could_be_evicted(
    deployment: Deployment, process: Process, ada: Account
) -> None:
    reading = asyncio.ensure_future(process.reads.read(ada.id, TODOS))
    while deployment.cache.log != ["get", "acquire"]:  # noqa: ASYNC110 - one step of the loop each
        await asyncio.sleep(0)
    deployment.cache.held.clear()
    await reading
    await process.reads.drain()
    snapshot = await process.reads.read(ada.id, TODOS)

    assert snapshot.outcomes == {CachedValue.TODOS: "fwd=miss; detail=cold"}


@pytest.mark.parametrize("entry", [b"garbage", b"", pack_todos(UserId("f" * 24), listed())])
async def test_an_entry_that_is_no_value_of_this_user_is_removed_and_loaded(
    deployment: Deployment, process: Process, ada: Account, milk: Todo, entry: bytes
) -> None:
    deployment.cache.put(deployment.fence, ada.id, CachedValue.TODOS, b"V" + entry)
    first = await process.reads.read(ada.id, TODOS)
    await process.reads.drain()
    second = await process.reads.read(ada.id, TODOS)

    assert first == second == Snapshot(None, listed(milk))
    assert deployment.cache.log == ["get", "clear", "acquire", "fill", "get"]


async def test_another_owners_account_is_never_answered(
    deployment: Deployment, process: Process, ada: Account
) -> None:
    stranger = replace(ada, id=UserId("f" * 24), name="Eve")
    entry = b"V" + pack_account(stranger)
    deployment.cache.put(deployment.fence, ada.id, CachedValue.USER, entry)

    snapshot = await process.reads.read(ada.id, (CachedValue.USER,))

    assert snapshot.account == ada
    assert snapshot.outcomes == {CachedValue.USER: CORRUPT}


async def test_what_came_corrupt_while_waiting_is_loaded(
    deployment: Deployment, process: Process, ada: Account, milk: Todo
) -> None:
    real = deployment.cache.acquire

    async def acquire(*arguments: object) -> object:
        deployment.cache.put(deployment.fence, ada.id, CachedValue.TODOS, b"V?")
        return await real(*arguments)  # type: ignore[arg-type]

    deployment.cache.acquire = acquire  # type: ignore[assignment,method-assign]

    snapshot = await process.reads.read(ada.id, TODOS)

    assert snapshot.todos == listed(milk)
    assert snapshot.outcomes == {CachedValue.TODOS: CORRUPT}


async def test_what_came_while_waiting_is_taken(
    deployment: Deployment, process: Process, ada: Account
) -> None:
    real = deployment.cache.acquire

    async def acquire(*arguments: object) -> object:
        entry = b"V" + pack_todos(ada.id, listed())
        deployment.cache.put(deployment.fence, ada.id, CachedValue.TODOS, entry)
        return await real(*arguments)  # type: ignore[arg-type]

    deployment.cache.acquire = acquire  # type: ignore[assignment,method-assign]

    snapshot = await process.reads.read(ada.id, TODOS)

    assert snapshot.todos == listed()
    assert snapshot.outcomes == {CachedValue.TODOS: COLLAPSED}
    assert deployment.database_reads() == 0


async def test_an_entry_too_large_is_answered_and_not_kept(
    deployment: Deployment, process: Process, ada: Account
) -> None:
    await deployment.todos.insert(ada.id, new_todo("Novel", "x" * MAX_ENTRY_BYTES))
    for _ in range(2):
        snapshot = await process.reads.read(ada.id, TODOS)
        assert snapshot.todos
        assert len(snapshot.todos.body) > MAX_ENTRY_BYTES
        await process.reads.drain()

    assert deployment.todos.calls["page"] == 2
    assert deployment.cache.held == {}


async def test_without_a_lease_redis_is_not_asked(
    deployment: Deployment, process: Process, ada: Account, milk: Todo
) -> None:
    await warm(process, ada)
    deployment.cache.log.clear()
    deployment.clock.advance(deployment.timing.lease_s)

    snapshot = await process.reads.read(ada.id, BOTH)

    assert snapshot == Snapshot(ada, listed(milk))
    assert deployment.cache.log == []
    assert set(snapshot.outcomes.values()) == {"fwd=bypass; detail=unleased"}


@pytest.mark.parametrize("steps", [1, 2])
async def test_while_the_fence_is_closed_or_arming_redis_is_not_asked(
    deployment: Deployment, process: Process, ada: Account, steps: int
) -> None:
    fence = deployment.fence
    for new in (fence.fenced("lost"), fence.fenced("lost").armed(RUN))[:steps]:
        await process.lease.compare_and_set(deployment.fence, new)
    snapshot = await process.reads.read(ada.id, BOTH)

    assert deployment.cache.log == []
    assert set(snapshot.outcomes.values()) == {"fwd=bypass; detail=fenced"}


async def test_while_the_operator_has_it_off_redis_is_not_asked(
    deployment: Deployment, process: Process, ada: Account
) -> None:
    await process.lease.compare_and_set(deployment.fence, deployment.fence.switched(enabled=False))
    snapshot = await process.reads.read(ada.id, BOTH)

    assert deployment.cache.log == []
    assert set(snapshot.outcomes.values()) == {"fwd=bypass; detail=off"}


@pytest.mark.parametrize("failing", ["get", "acquire"])
async def test_a_cache_that_fails_leaves_the_database(
    deployment: Deployment, process: Process, ada: Account, failing: str
) -> None:
    deployment.cache.failing.add(failing)

    snapshot = await process.reads.read(ada.id, BOTH)

    assert snapshot == Snapshot(ada, listed())
    assert set(snapshot.outcomes.values()) == {UNAVAILABLE}
    assert deployment.fence.readable


async def test_a_corrupt_entry_that_cannot_be_removed_is_not_answered(
    deployment: Deployment, process: Process, ada: Account, milk: Todo
) -> None:
    deployment.cache.put(deployment.fence, ada.id, CachedValue.TODOS, b"Vgarbage")
    deployment.cache.failing.add("clear")

    snapshot = await process.reads.read(ada.id, TODOS)

    assert snapshot.todos == listed(milk)
    assert snapshot.outcomes == {CachedValue.TODOS: UNAVAILABLE}


async def test_a_fill_that_fails_fails_no_read(
    deployment: Deployment, process: Process, ada: Account
) -> None:
    deployment.cache.failing.add("fill")

    assert (await process.reads.read(ada.id, BOTH)).account == ada
    await process.reads.drain()


async def test_a_hit_needs_no_database(
    deployment: Deployment, process: Process, ada: Account
) -> None:
    await warm(process, ada)
    deployment.users.down = deployment.todos.down = deployment.store.down = True

    assert (await process.reads.read(ada.id, BOTH)).account == ada
    deployment.clock.advance(1.0)
    with pytest.raises(DatabaseUnavailable):
        await process.reads.read(ada.id, BOTH)


async def nothing() -> None:
    """Commit nothing."""
