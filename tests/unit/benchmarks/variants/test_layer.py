"""A cache library behind the service's port, and what no rival can do."""

import asyncio
import pickle
from dataclasses import dataclass

import pytest

from benchmarks.variants.rivals.layer import Found, LibraryRepository, NoSwitch
from service.adapters.database import DatabaseRepository
from service.domain import Account, CachedValue, NewAccount, TodoList, UserId
from service.errors import NoCacheConfigured
from service.ports import CachedValues, CacheStatus
from service.trace import Trace, begin, current
from tests.fakes import FakeTodos, FakeUsers

BOTH = (CachedValue.USER, CachedValue.TODOS)


@dataclass
class FakeLibrary:
    """Answers what it is told, and spends its time as it is told."""

    found_account: Found[Account | None]
    found_todos: Found[TodoList | None]
    database_s: float = 0.0
    meeting: asyncio.Barrier | None = None

    async def account(self, user_id: UserId) -> Found[Account | None]:
        assert user_id
        await self._met()
        current().db_s += self.database_s
        return self.found_account

    async def todos(self, user_id: UserId) -> Found[TodoList | None]:
        assert user_id
        await self._met()
        return self.found_todos

    async def invalidate(self, user_id: UserId, kinds: CachedValues) -> None:
        raise NotImplementedError

    async def _met(self) -> None:
        if self.meeting is not None:
            await self.meeting.wait()


@pytest.fixture
async def ada() -> Account:
    return await FakeUsers().insert(NewAccount("Ada", "ada@example.com", "hash"))


@pytest.fixture
def todos() -> FakeTodos:
    return FakeTodos()


@pytest.fixture
def library(ada: Account) -> FakeLibrary:
    return FakeLibrary(Found(ada), Found(TodoList(b"[]", None), fresh=True))


@pytest.fixture
def repository(library: FakeLibrary, todos: FakeTodos) -> LibraryRepository:
    return LibraryRepository(library, DatabaseRepository(FakeUsers(), todos))


def test_a_value_forgets_that_it_is_fresh_when_it_is_pickled() -> None:
    found = pickle.loads(pickle.dumps(Found("value", fresh=True)))

    assert found == Found("value", fresh=False)


async def test_both_slots_are_looked_up_at_the_same_time(
    repository: LibraryRepository, library: FakeLibrary, ada: Account
) -> None:
    library.meeting = asyncio.Barrier(2)
    snapshot = await asyncio.wait_for(repository.read(ada.id, BOTH), 20)

    assert snapshot.account == ada


async def test_the_time_of_the_database_is_not_counted_as_the_caches(
    repository: LibraryRepository, library: FakeLibrary, ada: Account
) -> None:
    library.database_s = 1_000.0
    trace: Trace = begin()
    await repository.read(ada.id, (CachedValue.USER,))

    assert trace.db_s == 1_000.0
    assert -1_000.0 <= trace.cache_s < -900.0


async def test_without_a_cache_there_is_nothing_to_switch_on() -> None:
    control = NoSwitch()
    with pytest.raises(NoCacheConfigured):
        await control.switch(enabled=True)

    absent = CacheStatus("absent", 0)
    assert await control.status() == absent
    assert await control.switch(enabled=False) == absent
    assert await control.drop() == absent
