import asyncio
from typing import Any

import pytest

from service.adapters.database import DatabaseRepository
from service.domain import (
    Account,
    CachedValue,
    NewAccount,
    TodoId,
    TodoPage,
    UserId,
)
from tests.fakes import FakeTodos, FakeUsers, new_todo

NOBODY, NO_TODO = UserId("0" * 24), TodoId("0" * 24)
BOTH = (CachedValue.USER, CachedValue.TODOS)


@pytest.fixture
def repository(users: FakeUsers, todos: FakeTodos) -> DatabaseRepository:
    return DatabaseRepository(users, todos)


@pytest.fixture
async def ada(users: FakeUsers) -> UserId:
    account = await users.insert(NewAccount("Ada", "ada@example.com", "hash"))
    users.calls.clear()
    return account.id


async def test_a_read_costs_one_find_of_each_value_that_is_asked_for(
    repository: DatabaseRepository, users: FakeUsers, todos: FakeTodos, ada: UserId
) -> None:
    milk = await todos.insert(ada, new_todo("Milk", ""))
    found = []
    for read in (
        repository.read(ada, BOTH),
        repository.read(ada, (CachedValue.USER,)),
        repository.todo(ada, milk.id),
    ):
        users.calls.clear()
        todos.calls.clear()
        await read
        found.append((dict(users.calls), dict(todos.calls)))

    assert found == [({"find": 1}, {"page": 1}), ({"find": 1}, {}), ({"find": 1}, {"find": 1})]


async def test_both_finds_are_under_way_at_the_same_time(ada: UserId) -> None:
    barrier = asyncio.Barrier(2)

    class MeetingUsers(FakeUsers):
        async def find(self, user_id: UserId) -> Account | None:
            await barrier.wait()
            return await super().find(user_id)

    class MeetingTodos(FakeTodos):
        async def page(self, user_id: UserId, **how: Any) -> TodoPage:
            await barrier.wait()
            return await super().page(user_id, **how)

    async with asyncio.timeout(60):
        await DatabaseRepository(MeetingUsers(), MeetingTodos()).read(ada, BOTH)
