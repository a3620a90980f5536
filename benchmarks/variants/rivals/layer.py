"""A rival as a layer of the service, and one over a cache library: one call per cached value."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, Protocol, TypeVar

from fastapi import FastAPI

from service.adapters.limiters import MemoryRateLimiter
from service.app import create_app
from service.backends import Backends, Probe
from service.bootstrap import compose
from service.codec import todo_in_list
from service.config import Settings, load_settings
from service.domain import Account, CachedValue, Snapshot, TodoId, TodoList, TodoSnapshot, UserId
from service.errors import NoCacheConfigured
from service.layers import Foundation, Layer, Layering
from service.ports import CachedValues, CacheStatus, Repository
from service.trace import HIT, MISS, current

V = TypeVar("V")


def application(layering: Layering) -> FastAPI:
    """Return the service of the environment with this layer; raises ``ConfigurationError``."""

    @asynccontextmanager
    async def open_backends(settings: Settings) -> AsyncIterator[Backends]:
        async with AsyncExitStack() as stack:
            yield await compose(settings, layering, stack)

    return create_app(load_settings(), open_backends)


def layer_of(repository: Repository, *, redis: Probe) -> Layer:
    """Return the layer of a rival, which caches and does nothing else."""
    return Layer(repository, NoSwitch(), MemoryRateLimiter(), helpful={"redis": redis})


def layer_over(
    library: Callable[..., "CacheLibrary"], client: Any, foundation: Foundation, *, ping: Probe
) -> Layer:
    """Return the layer of a library that is made over the plain repository with its client."""
    made = library(
        foundation.plain,
        client,
        deployment=foundation.database.name,
        ttl_s=ttl_of(foundation.settings),
    )
    return layer_of(LibraryRepository(made, foundation.plain), redis=ping)


def ttl_of(settings: Settings) -> Mapping[CachedValue, int]:
    """Return how many seconds an entry of each kind lives."""
    return {
        CachedValue.USER: settings.user_ttl_seconds,
        CachedValue.TODOS: settings.todos_ttl_seconds,
    }


class NoSwitch:
    """The ``CacheControl`` of a rival: its pattern knows no switch."""

    async def status(self) -> CacheStatus:
        """Tell that there is nothing to switch."""
        return CacheStatus("absent", 0)

    async def switch(self, *, enabled: bool) -> CacheStatus:
        """Refuse to turn on what cannot be switched; raises ``NoCacheConfigured``."""
        if enabled:
            raise NoCacheConfigured
        return await self.status()

    async def drop(self) -> CacheStatus:
        """Do nothing."""
        return await self.status()


@dataclass(frozen=True, slots=True)
class Found(Generic[V]):
    """A cached value, and whether it was read from the database just now.

    Pickling forgets the latter. So a value tells where it came from, also one that a library
    shares between calls that overlap, and no call has to ask Redis again.
    """

    value: V
    fresh: bool = False

    @property
    def outcome(self) -> str:
        """The outcome of the value."""
        return MISS if self.fresh else HIT

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the value only."""
        return Found, (self.value,)


class CacheLibrary(Protocol):
    """A cache library's operations for one user; its errors are its own."""

    async def account(self, user_id: UserId) -> Found[Account | None]:
        """Return the account, from the cache if it is there."""
        ...

    async def todos(self, user_id: UserId) -> Found[TodoList | None]:
        """Return the first page of the todos, from the cache if it is there."""
        ...

    async def invalidate(self, user_id: UserId, kinds: CachedValues) -> None:
        """Invalidate these kinds; called after a write."""
        ...


class LibraryRepository:
    """The ``Repository`` over a library: the account and the todos at the same time, as uncached.

    The libraries answer alike whether an entry is not there or Redis is not, so both are a miss.
    """

    def __init__(self, library: CacheLibrary, inner: Repository) -> None:
        self._library = library
        self._inner = inner

    async def read(self, user_id: UserId, kinds: CachedValues) -> Snapshot:
        """Ask the library for each of them; a missing account has no list."""
        with _cache_time():
            match kinds:
                case (CachedValue.USER,):
                    account = await self._library.account(user_id)
                    return Snapshot(account.value, outcomes={CachedValue.USER: account.outcome})
                case (CachedValue.TODOS,):
                    todos = await self._library.todos(user_id)
                    return Snapshot(todos=todos.value, outcomes={CachedValue.TODOS: todos.outcome})
            account, todos = await asyncio.gather(
                self._library.account(user_id), self._library.todos(user_id)
            )
        return Snapshot(
            account.value,
            todos.value if account.value else None,
            {CachedValue.USER: account.outcome, CachedValue.TODOS: todos.outcome},
        )

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        """Pick the todo from the cached list; one beyond the first page comes from the database."""
        snapshot = await self.read(user_id, tuple(CachedValue))
        return await todo_in_list(snapshot, self._inner, user_id, todo_id)

    @asynccontextmanager
    async def write(self, user_id: UserId, *kinds: CachedValue) -> AsyncIterator[None]:
        """Enclose a change, and let the library invalidate as it does."""
        async with self._inner.write(user_id, *kinds):
            yield
        with _cache_time():
            await self._library.invalidate(user_id, kinds)


@contextmanager
def _cache_time() -> Iterator[None]:
    """Count the enclosed wait as time spent on the cache, but for what the database took."""
    trace = current()
    started, database_s = perf_counter(), trace.db_s
    try:
        yield
    finally:
        trace.cache_s += perf_counter() - started - (trace.db_s - database_s)
