"""The aiocache layer, composed."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from benchmarks.variants.rivals.aiocache.library import AiocacheLibrary
from benchmarks.variants.rivals.serve import application, layer_of, ttl_of
from benchmarks.variants.rivals.slotwise import SlotwiseRepository
from service.layers import Foundation, Layer


async def aiocache(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose aiocache over the plain repository."""
    settings, plain = foundation.settings, foundation.plain
    library = AiocacheLibrary(
        plain,
        settings.redis_url.get_secret_value(),
        deployment=foundation.database.name,
        ttl_s=ttl_of(settings),
    )
    stack.push_async_callback(library.aclose)
    return layer_of(SlotwiseRepository(library, plain), redis=library.ping)


def from_environment() -> FastAPI:
    """Return the service of the environment with the aiocache layer."""
    return application(aiocache)
