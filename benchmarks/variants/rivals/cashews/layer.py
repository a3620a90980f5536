"""The cashews layer, composed."""

from contextlib import AsyncExitStack

from cashews import Cache
from fastapi import FastAPI

from benchmarks.variants.rivals.cashews.library import CashewsLibrary
from benchmarks.variants.rivals.serve import application, layer_of, ttl_of
from benchmarks.variants.rivals.slotwise import SlotwiseRepository
from service.layers import Foundation, Layer


async def cashews(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose cashews over the plain repository."""
    settings, plain = foundation.settings, foundation.plain
    cache = Cache()
    cache.setup(settings.redis_url.get_secret_value())
    stack.push_async_callback(cache.close)
    library = CashewsLibrary(
        plain, cache, deployment=foundation.database.name, ttl_s=ttl_of(settings)
    )
    return layer_of(SlotwiseRepository(library, plain), redis=cache.ping)


def from_environment() -> FastAPI:
    """Return the service of the environment with the cashews layer."""
    return application(cashews)
