"""A cache library behind the service's port."""

import asyncio

import pytest

from benchmarks.variants.rivals.layer import Found, LibraryRepository, Lookup
from service.adapters.database import DatabaseRepository
from service.domain import Account, CachedValue, NewAccount, TodoList, UserId
from service.errors import DatabaseUnavailable
from service.trace import HIT, MISS, Trace, begin, current
from tests.fakes import FakeTodos, FakeUsers


@pytest.fixture
async def ada() -> Account:
    return await FakeUsers().insert(NewAccount("Ada", "ada@example.com", "hash"))


def over(account: Lookup, todos: Lookup) -> LibraryRepository:
    """Return a repository whose library looks up like this, and invalidates nothing."""

    async def nothing(*_: object) -> None: ...

    plain = DatabaseRepository(FakeUsers(), FakeTodos())
    lookups = {CachedValue.USER: account, CachedValue.TODOS: todos}
    return LibraryRepository(plain, lookups, nothing)


async def test_both_slots_are_looked_up_at_the_same_time(ada: Account) -> None:
    meeting = asyncio.Barrier(2)

    async def account(_: UserId) -> Found[Account]:
        await meeting.wait()
        return Found(ada)

    async def todos(_: UserId) -> Found[TodoList]:
        await meeting.wait()
        return Found(TodoList(b"[]", None), fresh=True)

    snapshot = await asyncio.wait_for(over(account, todos).read(ada.id, tuple(CachedValue)), 20)

    assert snapshot.account == ada
    assert snapshot.outcomes == {CachedValue.USER: HIT, CachedValue.TODOS: MISS}


async def test_a_lookup_that_fails_leaves_no_other_under_way(ada: Account) -> None:
    ended = False

    async def account(_: UserId) -> Found[Account]:
        raise DatabaseUnavailable

    async def todos(_: UserId) -> Found[TodoList]:
        nonlocal ended
        for __ in range(10):
            await asyncio.sleep(0)
        ended = True
        return Found(TodoList(b"[]", None), fresh=True)

    with pytest.raises(DatabaseUnavailable):
        await over(account, todos).read(ada.id, tuple(CachedValue))

    assert ended


async def test_the_time_of_the_database_is_not_counted_as_the_caches(ada: Account) -> None:
    async def account(_: UserId) -> Found[Account]:
        current().db_s += 1_000.0
        return Found(ada)

    trace: Trace = begin()
    await over(account, account).read(ada.id, (CachedValue.USER,))

    assert trace.db_s == 1_000.0
    assert -1_000.0 <= trace.cache_s < -900.0
