"""What every ``Repository`` promises, cold and warm."""

import pytest

from service.codec import encode_todos
from service.domain import (
    Account,
    AccountChange,
    CachedValue,
    NewAccount,
    Snapshot,
    Todo,
    TodoChange,
    TodoId,
    TodoList,
    TodoSnapshot,
    UserId,
)
from service.errors import DatabaseUnavailable, NotFound
from service.ports import Repository
from tests.fakes import FakeTodos, FakeUsers, new_todo
from tests.fakes_coherence import RUN, CoherenceDeployment

BOTH = (CachedValue.USER, CachedValue.TODOS)
NOBODY = UserId("0" * 24)
MILK, BREAD = new_todo("Milk", "Two litres"), new_todo("Bread", "")


@pytest.fixture
def users() -> FakeUsers:
    return FakeUsers()


@pytest.fixture
def todos() -> FakeTodos:
    return FakeTodos()


VARIANTS = [
    "database",
    "uncached",
    "fenced",
    "fenced, Redis down",
    "fenced, no lease",
]


@pytest.fixture(params=VARIANTS)
async def repository(
    request: pytest.FixtureRequest, users: FakeUsers, todos: FakeTodos
) -> Repository:
    variant = request.param
    deployment = CoherenceDeployment(users=users, todos=todos)
    process = await deployment.process(None if variant == "uncached" else RUN)
    deployment.cache.down = variant == "fenced, Redis down"
    if variant == "fenced, no lease":
        deployment.clock.advance(1.0)
    others: dict[str, Repository] = {
        "database": deployment.plain,
        "uncached": process.uncached,
    }
    return others.get(variant, process.repository)


@pytest.fixture
async def ada(users: FakeUsers) -> Account:
    return await users.insert(NewAccount("Ada", "ada@example.com", "hash"))


@pytest.fixture
async def milk(todos: FakeTodos, ada: Account) -> Todo:
    return await todos.insert(ada.id, MILK)


def listed(*todos: Todo) -> TodoList:
    return TodoList(encode_todos(todos), None)


async def test_the_values_asked_for_are_read_cold_and_warm(
    repository: Repository, ada: Account, milk: Todo, users: FakeUsers
) -> None:
    eve = await users.insert(NewAccount("Eve", "eve@example.com", "hash"))
    for _ in range(2):
        assert await repository.read(ada.id, BOTH) == Snapshot(ada, listed(milk))
        assert await repository.read(eve.id, BOTH) == Snapshot(eve, TodoList(b"[]", None))
        assert await repository.read(ada.id, (CachedValue.USER,)) == Snapshot(ada, None)
        assert await repository.read(ada.id, (CachedValue.TODOS,)) == Snapshot(None, listed(milk))


async def test_nobody_has_nothing(repository: Repository) -> None:
    for _ in range(2):
        assert await repository.read(NOBODY, BOTH) == Snapshot()
        assert await repository.todo(NOBODY, TodoId("1" * 24)) == TodoSnapshot(None, None)


async def test_one_todo_comes_with_its_owner(
    repository: Repository, ada: Account, milk: Todo
) -> None:
    for _ in range(2):
        assert await repository.todo(ada.id, milk.id) == TodoSnapshot(ada, milk)
        assert await repository.todo(ada.id, TodoId("0" * 24)) == TodoSnapshot(ada, None)


async def test_a_list_longer_than_a_page_says_where_it_goes_on(
    repository: Repository, ada: Account, todos: FakeTodos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fakes.PAGE_SIZE", 1)
    first, second = await todos.insert(ada.id, MILK), await todos.insert(ada.id, BREAD)

    for _ in range(2):
        snapshot = await repository.read(ada.id, BOTH)
        assert snapshot.todos == TodoList(encode_todos((first,)), first.id)
        assert await repository.todo(ada.id, second.id) == TodoSnapshot(ada, second)


async def test_a_reader_sees_a_todo_written_before(
    repository: Repository, ada: Account, milk: Todo, todos: FakeTodos
) -> None:
    await repository.read(ada.id, BOTH)
    change = TodoChange({"completed": True})
    async with repository.write(ada.id, CachedValue.TODOS):
        changed = await todos.update(ada.id, milk.id, change)

    assert (await repository.read(ada.id, BOTH)).todos == listed(changed)
    assert await repository.todo(ada.id, milk.id) == TodoSnapshot(ada, changed)


async def test_a_reader_sees_an_account_changed_or_deleted_before(
    repository: Repository, ada: Account, users: FakeUsers
) -> None:
    await repository.read(ada.id, BOTH)
    async with repository.write(ada.id, CachedValue.USER):
        changed = await users.update(ada.id, AccountChange(end_tokens=True))
    seen = (await repository.read(ada.id, BOTH)).account
    async with repository.write(ada.id, *BOTH):
        await users.delete(ada.id)

    assert seen == changed != ada
    assert await repository.read(ada.id, BOTH) == Snapshot()


async def test_what_a_commit_raises_reaches_the_caller(
    repository: Repository, ada: Account, milk: Todo, todos: FakeTodos
) -> None:
    await repository.read(ada.id, BOTH)
    with pytest.raises(NotFound):
        async with repository.write(ada.id, CachedValue.TODOS):
            await todos.delete(ada.id, TodoId("0" * 24))

    assert (await repository.read(ada.id, BOTH)).todos == listed(milk)


async def test_a_database_that_is_down_is_said_so_when_it_is_needed(
    repository: Repository, ada: Account, users: FakeUsers
) -> None:
    users.down = True
    with pytest.raises(DatabaseUnavailable):
        await repository.read(ada.id, BOTH)
