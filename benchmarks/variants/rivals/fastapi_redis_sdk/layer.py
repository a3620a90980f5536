"""The fastapi-redis-sdk layer, composed."""

from contextlib import AsyncExitStack

from fastapi import FastAPI
from redis.asyncio import Redis

from benchmarks.variants.rivals.fastapi_redis_sdk.library import RedisSdkLibrary
from benchmarks.variants.rivals.serve import application, layer_of, ttl_of
from benchmarks.variants.rivals.slotwise import SlotwiseRepository
from service.layers import Foundation, Layer


async def fastapi_redis_sdk(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose fastapi-redis-sdk over the plain repository."""
    settings, plain = foundation.settings, foundation.plain
    redis = Redis.from_url(settings.redis_url.get_secret_value())
    stack.push_async_callback(redis.aclose)
    library = RedisSdkLibrary(
        plain, redis, deployment=foundation.database.name, ttl_s=ttl_of(settings)
    )
    return layer_of(SlotwiseRepository(library, plain), redis=redis.ping)


def from_environment() -> FastAPI:
    """Return the service of the environment with the fastapi-redis-sdk layer."""
    return application(fastapi_redis_sdk)
