"""The naive layer, composed."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from benchmarks.variants.rivals.naive.repository import CacheAsideRepository
from benchmarks.variants.rivals.naive.slots import RedisSlots
from benchmarks.variants.rivals.serve import application, layer_of, ttl_of
from service.adapters.redis.client import Breaker, connect
from service.layers import Foundation, Layer


async def naive(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose cache-aside over the plain repository."""
    settings = foundation.settings
    client = connect(
        settings.redis_url.get_secret_value(), deadline_s=settings.redis_deadline_seconds
    )
    stack.push_async_callback(client.aclose)
    slots = RedisSlots(client, Breaker(), deployment=foundation.database.name)
    repository = CacheAsideRepository(foundation.plain, slots, ttl_s=ttl_of(settings))
    return layer_of(repository, redis=client.ping)


def from_environment() -> FastAPI:
    """Return the service of the environment with the naive layer."""
    return application(naive)
