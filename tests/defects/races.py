"""The services that the races are played on, and the places where a request can be held."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from benchmarks.variants.rivals import naive
from service.app import OpenBackends
from service.backends import Backends
from service.bootstrap import compose
from service.config import Settings
from service.domain import CachedValue, Snapshot, TodoId, TodoSnapshot, UserId
from service.layers import Foundation, Layer, Layering, with_redis
from service.ports import CachedValues, Repository

LAYERS: dict[str, Layering] = {
    "cached": with_redis,
    "naive": naive.layering,
}


@dataclass
class Gate:
    """Holds who comes while it is closed; ``arrived`` tells of the first."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open()

    def close(self) -> None:
        """Hold who comes from now on."""
        self._open.clear()
        self.arrived.clear()

    def open(self) -> None:
        """Let everybody through."""
        self._open.set()

    async def pass_through(self) -> None:
        """Go on when the gate is open."""
        if self._open.is_set():
            return
        self.arrived.set()
        await self._open.wait()


class GatedRepository:
    """The database, with a gate behind each read of a list and one behind each commit."""

    def __init__(self, inner: Repository, read: Gate, committed: Gate) -> None:
        self._inner = inner
        self._read = read
        self._committed = committed

    async def read(self, user_id: UserId, kinds: CachedValues) -> Snapshot:
        snapshot = await self._inner.read(user_id, kinds)
        if CachedValue.TODOS in kinds:
            await self._read.pass_through()
        return snapshot

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        return await self._inner.todo(user_id, todo_id)

    @asynccontextmanager
    async def write(self, user_id: UserId, *kinds: CachedValue) -> AsyncIterator[None]:
        async with self._inner.write(user_id, *kinds):
            yield
        await self._committed.pass_through()


def gated(layer: str, *, read: Gate | None = None, committed: Gate | None = None) -> OpenBackends:
    """Return what opens a service with this layer over a gated database."""

    async def layering(foundation: Foundation, stack: AsyncExitStack) -> Layer:
        plain = GatedRepository(foundation.plain, read or Gate(), committed or Gate())
        return await LAYERS[layer](replace(foundation, plain=plain), stack)

    @asynccontextmanager
    async def opened(settings: Settings) -> AsyncIterator[Backends]:
        async with AsyncExitStack() as stack:
            yield await compose(settings, layering, stack)

    return opened
