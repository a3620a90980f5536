"""The naive variant with ``if cached_todos:`` of the starting document, to be caught."""

import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

from fastapi import FastAPI

from benchmarks.variants.rivals.layer import application, layer_of, ttl_of
from benchmarks.variants.rivals.naive import CacheAsideRepository, RedisEntries
from service.adapters.redis.client import Breaker, connect
from service.domain import UserId
from service.layers import Foundation, Layer
from service.ports import CachedValues
from service.server import serve


class FalsyEntries(RedisEntries):
    """Entries of which an empty list counts as none."""

    async def get(self, user_id: UserId, kinds: CachedValues) -> Sequence[bytes | None]:
        entries = await super().get(user_id, kinds)
        return [None if entry and entry.endswith(b"[]") else entry for entry in entries]


async def falsy(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    settings = foundation.settings
    client = connect(
        settings.redis_url.get_secret_value(), deadline_s=settings.redis_deadline_seconds
    )
    stack.push_async_callback(client.aclose)
    slots = FalsyEntries(client, Breaker(), deployment=foundation.database.name)
    return layer_of(
        CacheAsideRepository(foundation.plain, slots, ttl_s=ttl_of(settings)), redis=client.ping
    )


def from_environment() -> FastAPI:
    return application(falsy)


if __name__ == "__main__":
    sys.exit(serve("tests.integration.falsy_lists", "from_environment"))
