"""A read where the cache answers, or says that it does not have the value.

At DEBUG the log says, in the words of the tutorial, what was stored and what was invalidated.
"""

import asyncio

import pytest
from structlog.testing import capture_logs

from service.codec import encode_todos
from service.coherence.entries import MAX_ENTRY_BYTES, pack_account, pack_todos
from service.domain import Account, CachedValue, Snapshot, Todo, TodoList, UserId, now
from service.errors import NotFound
from service.trace import COLLAPSED, CORRUPT, HIT, UNAVAILABLE
from tests.fakes import new_todo
from tests.fakes_coherence import RUN, CoherenceDeployment, CoherenceProcess
from tests.unit.service.coherence.conftest import BOTH

TODOS = (CachedValue.TODOS,)


async def warm(process: CoherenceProcess, ada: Account) -> None:
    await process.repository.read(ada.id, BOTH)
    await process.repository.drain()


def listed(*todos: Todo) -> TodoList:
    return TodoList(encode_todos(todos), None)


async def test_a_miss_is_acquire_database_fill_and_a_hit_one_call(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, milk: Todo
) -> None:
    miss = await process.repository.read(ada.id, BOTH)
    await process.repository.drain()
    before = deployment.database_reads(), deployment.store.calls.total()
    hit = await process.repository.read(ada.id, BOTH)

    assert miss == hit == Snapshot(ada, listed(milk))
    assert deployment.cache.log == ["get", "acquire", "fill", "get"]
    assert (deployment.database_reads(), deployment.store.calls.total()) == before == (2, 3)
    assert set(miss.outcomes.values()) == {"fwd=miss; detail=cold"}
    assert hit.outcomes == {CachedValue.USER: HIT, CachedValue.TODOS: HIT}


async def test_nobody_is_not_cached(
    deployment: CoherenceDeployment, process: CoherenceProcess
) -> None:
    nobody = UserId("0" * 24)
    for _ in range(2):
        assert await process.repository.read(nobody, BOTH) == Snapshot()
        await process.repository.drain()

    assert deployment.users.calls["find"] == 2
    assert {held[:1] for held, _ in deployment.cache.memory.held.values() if held} <= {b""}


async def test_a_fill_that_was_refused_is_not_logged_and_left_no_entry_that_could_be_evicted(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account
) -> None:
    with capture_logs() as lines:
        reading = asyncio.ensure_future(process.repository.read(ada.id, TODOS))
        while deployment.cache.log != ["get", "acquire"]:  # noqa: ASYNC110 - a step of the loop
            await asyncio.sleep(0)
        deployment.cache.memory.held.clear()
        await reading
        await process.repository.drain()
    again = await process.repository.read(ada.id, TODOS)

    assert lines == []
    assert again.outcomes == {CachedValue.TODOS: "fwd=miss; detail=cold"}


STRANGER = UserId("f" * 24)
EVE = Account(STRANGER, "Eve", "eve@example.com", now(), 0, {})


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        (CachedValue.TODOS, b"garbage"),
        (CachedValue.TODOS, b""),
        (CachedValue.TODOS, pack_todos(STRANGER, listed())),
        (CachedValue.USER, pack_account(EVE)),
    ],
)
async def test_an_entry_that_is_no_value_of_this_user_is_removed_and_loaded(
    deployment: CoherenceDeployment,
    process: CoherenceProcess,
    ada: Account,
    kind: CachedValue,
    entry: bytes,
) -> None:
    deployment.cache.put(deployment.fence, ada.id, kind, b"V" + entry)
    first = await process.repository.read(ada.id, (kind,))
    await process.repository.drain()
    second = await process.repository.read(ada.id, (kind,))

    loaded = Snapshot(ada) if kind is CachedValue.USER else Snapshot(todos=listed())
    assert first == second == loaded
    assert first.outcomes == {kind: CORRUPT}
    assert deployment.cache.log == ["get", "clear", "acquire", "fill", "get"]


@pytest.mark.parametrize("failing", ["get", "acquire", "fill", "clear"])
async def test_a_cache_that_fails_leaves_the_database(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, failing: str
) -> None:
    if failing == "clear":
        deployment.cache.put(deployment.fence, ada.id, CachedValue.TODOS, b"Vgarbage")
    deployment.cache.failing.add(failing)
    snapshot = await process.repository.read(ada.id, BOTH)
    await process.repository.drain()

    assert snapshot == Snapshot(ada, listed())
    assert (set(snapshot.outcomes.values()) == {UNAVAILABLE}) is (failing != "fill")
    assert deployment.fence.readable


@pytest.mark.parametrize("corrupt", [False, True])
async def test_what_came_while_waiting_is_taken_unless_it_is_corrupt(
    deployment: CoherenceDeployment,
    process: CoherenceProcess,
    ada: Account,
    milk: Todo,
    *,
    corrupt: bool,
) -> None:
    real = deployment.cache.acquire
    entry = b"V?" if corrupt else b"V" + pack_todos(ada.id, listed())

    async def acquire(*arguments: object) -> object:
        deployment.cache.put(deployment.fence, ada.id, CachedValue.TODOS, entry)
        return await real(*arguments)  # type: ignore[arg-type]

    deployment.cache.acquire = acquire  # type: ignore[assignment,method-assign]

    snapshot = await process.repository.read(ada.id, TODOS)

    assert snapshot.todos == (listed(milk) if corrupt else listed())
    assert snapshot.outcomes == {CachedValue.TODOS: CORRUPT if corrupt else COLLAPSED}
    assert deployment.database_reads() == corrupt


@pytest.mark.parametrize("why", ["unleased", "fenced", "arming", "off"])
async def test_without_a_lease_or_with_a_fence_that_is_not_open_redis_is_not_asked(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, milk: Todo, why: str
) -> None:
    await warm(process, ada)
    deployment.cache.log.clear()
    fence = deployment.fence
    steps = {
        "unleased": [],
        "fenced": [fence.fenced("lost")],
        "arming": [fence.fenced("lost"), fence.fenced("lost").armed(RUN)],
        "off": [fence.switched(enabled=False)],
    }
    for new in steps[why]:
        await process.lease.compare_and_set(deployment.fence, new)
    if why == "unleased":
        deployment.clock.advance(deployment.timing.lease_s)
    snapshot = await process.repository.read(ada.id, BOTH)

    detail = "fenced" if why == "arming" else why
    assert snapshot == Snapshot(ada, listed(milk))
    assert deployment.cache.log == []
    assert set(snapshot.outcomes.values()) == {f"fwd=bypass; detail={detail}"}


async def logged(process: CoherenceProcess, ada: Account) -> list[str]:
    with capture_logs() as lines:
        await process.repository.read(ada.id, BOTH)
        await process.repository.drain()
    return sorted(f"{line['log_level']} {line['event']}" for line in lines)


async def test_a_miss_says_what_was_cached_and_a_hit_says_nothing(
    process: CoherenceProcess, ada: Account
) -> None:
    stored = [f"debug Cached: todos:{ada.id}", f"debug Cached: user:{ada.id}"]

    assert await logged(process, ada) == stored
    assert await logged(process, ada) == []


async def test_a_fill_that_failed_and_a_list_that_is_too_large_were_not_cached(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account
) -> None:
    deployment.cache.failing = {"fill"}
    failed = await logged(process, ada)
    deployment.cache.failing.clear()
    await deployment.todos.insert(ada.id, new_todo("Novel", "x" * MAX_ENTRY_BYTES))
    deployment.cache.memory.held.clear()

    assert failed == []
    assert await logged(process, ada) == [f"debug Cached: user:{ada.id}"]


@pytest.mark.parametrize("confirmed", [True, False])
async def test_a_write_says_what_it_deleted_also_where_the_database_refused_it(
    deployment: CoherenceDeployment, process: CoherenceProcess, ada: Account, *, confirmed: bool
) -> None:
    deployment.cache.down = not confirmed
    with capture_logs() as lines:
        async with process.repository.write(ada.id, *BOTH):
            pass
        with pytest.raises(NotFound):
            async with process.repository.write(ada.id, *TODOS):
                raise NotFound

    deleted = [f"Deleted cache: {kind}:{ada.id}" for kind in ("user", "todos", "todos")]
    assert [line["event"] for line in lines] == (deleted if confirmed else [])
