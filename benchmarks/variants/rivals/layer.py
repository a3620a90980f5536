"""A rival as a layer of the service, and one over a cache library: one call per cached value."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, TypeVar

from fastapi import FastAPI

from service.adapters.limiters import MemoryRateLimiter
from service.adapters.redis.client import all_of
from service.app import create_app
from service.backends import Backends, Probe
from service.bootstrap import compose
from service.codec import todo_in_list
from service.config import Settings, load_settings
from service.domain import Account, CachedValue, Snapshot, TodoId, TodoList, TodoSnapshot, UserId
from service.errors import NoCacheConfigured
from service.layers import Layer, Layering
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

    # There is nothing to drop that it knows of.
    drop = status


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


Lookup = Callable[[UserId], Awaitable[Found[Any]]]


def finders(inner: Repository) -> Mapping[CachedValue, Lookup]:
    """Return what asks the database for a user's account, and for the first page of the todos."""

    async def account(user_id: UserId) -> Found[Account | None]:
        return Found((await inner.read(user_id, (CachedValue.USER,))).account, fresh=True)

    async def todos(user_id: UserId) -> Found[TodoList | None]:
        return Found((await inner.read(user_id, (CachedValue.TODOS,))).todos, fresh=True)

    return {CachedValue.USER: account, CachedValue.TODOS: todos}


class LibraryRepository:
    """The ``Repository`` over a library: the account and the todos at the same time, as uncached.

    ``lookups`` find a value in the cache or, if it is not there, in the database; ``invalidate``
    is called after a write. The libraries answer alike whether an entry is not there or Redis is
    not, so both are a miss; other errors are their own.
    """

    def __init__(
        self,
        inner: Repository,
        lookups: Mapping[CachedValue, Lookup],
        invalidate: Callable[[UserId, CachedValues], Awaitable[None]],
    ) -> None:
        self._inner = inner
        self._lookups = lookups
        self._invalidate = invalidate

    async def read(self, user_id: UserId, kinds: CachedValues) -> Snapshot:
        """Ask the library for each of them; a missing account has no list."""
        with _cache_time():
            values = await all_of(self._lookups[kind](user_id) for kind in kinds)
        found = dict(zip(kinds, values, strict=True))
        account = found[CachedValue.USER].value if CachedValue.USER in found else None
        has_list = CachedValue.TODOS in found and (account or CachedValue.USER not in found)
        return Snapshot(
            account,
            found[CachedValue.TODOS].value if has_list else None,
            {kind: each.outcome for kind, each in found.items()},
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
            await self._invalidate(user_id, kinds)


@contextmanager
def _cache_time() -> Iterator[None]:
    """Count the enclosed wait as time spent on the cache, but for what the database took."""
    trace = current()
    started, database_s = perf_counter(), trace.db_s
    try:
        yield
    finally:
        trace.cache_s += perf_counter() - started - (trace.db_s - database_s)
