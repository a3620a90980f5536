"""A repository over a cache library: one cached call per slot, as the libraries document it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, Protocol, TypeVar

from service.domain import Account, CachedValue, Snapshot, Todo, TodoId, TodoList, UserId
from service.listed import todo_from_list
from service.ports import Commit, Repository, Slots, T
from service.trace import HIT, MISS, current, outcome

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Found(Generic[V]):
    """The value of a slot, and whether it was read from the database just now.

    Pickling forgets the latter. So a value tells where it came from, also one that a library
    shares between calls that overlap, and nobody has to ask Redis again.
    """

    value: V
    fresh: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the value only."""
        return Found, (self.value,)


class Library(Protocol):
    """What a cache library does for one user; its errors are its own."""

    async def account(self, user_id: UserId) -> Found[Account | None]:
        """Return the account, from the cache if it is there."""
        ...

    async def todos(self, user_id: UserId) -> Found[TodoList | None]:
        """Return the first page of the todos, from the cache if it is there."""
        ...

    async def write(self, user_id: UserId, slots: Slots, commit: Commit[T]) -> T:
        """Run ``commit``, then invalidate these slots."""
        ...


class SlotwiseRepository:
    """The ``Repository`` over a library: the account and the todos at the same time, as uncached.

    The libraries answer alike whether an entry is not there or Redis is not, so both are a miss.
    """

    def __init__(self, library: Library, inner: Repository) -> None:
        self._library = library
        self._inner = inner

    async def read(self, user_id: UserId, slots: Slots) -> Snapshot:
        """Ask the library for each slot; nobody has no todos."""
        with _cache_time():
            match slots:
                case (CachedValue.USER,):
                    return Snapshot(_seen(CachedValue.USER, await self._library.account(user_id)))
                case (CachedValue.TODOS,):
                    return Snapshot(
                        todos=_seen(CachedValue.TODOS, await self._library.todos(user_id))
                    )
            found = await asyncio.gather(
                self._library.account(user_id), self._library.todos(user_id)
            )
        account, todos = _seen(CachedValue.USER, found[0]), _seen(CachedValue.TODOS, found[1])
        return Snapshot(account, todos if account else None)

    async def todo(self, user_id: UserId, todo_id: TodoId) -> tuple[Account | None, Todo | None]:
        """Pick the todo from the list slot; one beyond the first page comes from the database."""
        return await todo_from_list(self, self._inner, user_id, todo_id)

    async def write(self, user_id: UserId, slots: Slots, commit: Commit[T]) -> T:
        """Commit, and let the library invalidate as it does."""
        with _cache_time():
            return await self._library.write(
                user_id, slots, lambda: self._inner.write(user_id, slots, commit)
            )


def _seen(slot: CachedValue, found: Found[V]) -> V:
    outcome(slot, MISS if found.fresh else HIT)
    return found.value


@contextmanager
def _cache_time() -> Iterator[None]:
    """Count the enclosed wait as time spent on the cache, but for what the database took."""
    trace = current()
    started, database_s = perf_counter(), trace.db_s
    try:
        yield
    finally:
        trace.cache_s += perf_counter() - started - (trace.db_s - database_s)
