"""Run the service with another layer than its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from service.adapters.limiters import MemoryRateLimiter
from service.app import create_app
from service.backends import Backends, Probe
from service.bootstrap import compose
from service.config import Settings, load_settings
from service.domain import CachedValue
from service.errors import NoCacheConfigured
from service.layers import Layer, Layering
from service.ports import CacheStatus, Repository


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
    """Return how many seconds an entry of each slot lives."""
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
