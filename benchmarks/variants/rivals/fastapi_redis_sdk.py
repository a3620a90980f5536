"""fastapi-redis-sdk, Redis' own integration with FastAPI, by its ``CacheBackend``.

Written after the caching guide of fastapi-redis-sdk 0.9.1
(https://redis.github.io/fastapi-redis-sdk/guide/caching/), section 2, "CacheBackend": the recipes
"typed values with Pydantic models" (the coder; the default one cannot store a date), "intermediate
result caching" (each part with its own TTL), "cascade invalidation" (the deletions after a write)
and "caching outside HTTP" (a backend is made from any Redis client). The guide's first choice for
a GET is the dependency ``cache()``. It stands before the route and answers a hit without it, so it
cannot be put behind the port, and a revoked token would be answered: the guide sends parts that
have to be looked at first to ``CacheBackend``. A hit costs the same either way: one round trip for
the account, one for the list.
"""

import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from pydantic import BaseModel, RootModel
from redis.asyncio import Redis
from redis_fastapi import CacheBackend, pydantic_model_coder

from benchmarks.variants.rivals.layer import (
    Found,
    LibraryRepository,
    Lookup,
    application,
    finders,
    layer_of,
    ttl_of,
)
from service.domain import Account, CachedValue, TodoList, UserId
from service.layers import Foundation, Layer
from service.ports import CachedValues
from service.server import serve

MODELS: Mapping[CachedValue, type[BaseModel]] = {
    CachedValue.USER: RootModel[Account],
    CachedValue.TODOS: RootModel[TodoList],
}


async def layering(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose fastapi-redis-sdk over the plain repository."""
    redis = Redis.from_url(foundation.settings.redis_url.get_secret_value())
    stack.push_async_callback(redis.aclose)
    ttl_s = ttl_of(foundation.settings)
    backends = {
        kind: CacheBackend(
            redis,
            coder=pydantic_model_coder(model),
            eviction_group=f"{foundation.database.name}:{kind}",
        )
        for kind, model in MODELS.items()
    }

    def looked_up(kind: CachedValue, find: Lookup) -> Lookup:
        async def lookup(user_id: UserId) -> Found[Any]:
            cached = await backends[kind].get(user_id)
            if cached is not None:
                return Found(cached.root)
            found = await find(user_id)
            # A user that there is not is not cached.
            if found.value is not None:
                await backends[kind].set(user_id, found.value, ttl=ttl_s[kind])
            return found

        return lookup

    async def invalidate(user_id: UserId, kinds: CachedValues) -> None:
        # A lost deletion is logged.
        for kind in kinds:
            await backends[kind].delete(user_id)

    lookups = {kind: looked_up(kind, find) for kind, find in finders(foundation.plain).items()}
    repository = LibraryRepository(foundation.plain, lookups, invalidate)
    return layer_of(repository, redis=redis.ping)


from_environment = partial(application, layering)

if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.fastapi_redis_sdk", "from_environment"))
