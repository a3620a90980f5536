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
from typing import TypeVar

from fastapi import FastAPI
from pydantic import BaseModel, RootModel
from redis.asyncio import Redis
from redis_fastapi import CacheBackend, pydantic_model_coder

from benchmarks.variants.rivals.layer import Found, application, layer_over
from service.domain import Account, CachedValue, TodoList, UserId
from service.layers import Foundation, Layer
from service.ports import CachedValues, Repository
from service.server import serve

M = TypeVar("M", bound=BaseModel)
AccountModel = RootModel[Account]
TodosModel = RootModel[TodoList]


class RedisSdkLibrary:
    """The ``CacheLibrary`` over a ``CacheBackend`` per value; ``ttl_s`` holds seconds by kind."""

    def __init__(
        self, inner: Repository, redis: Redis, *, deployment: str, ttl_s: Mapping[CachedValue, int]
    ) -> None:
        def backend(kind: CachedValue, model: type[M]) -> CacheBackend:
            return CacheBackend(
                redis, coder=pydantic_model_coder(model), eviction_group=f"{deployment}:{kind}"
            )

        self._inner = inner
        self._ttl_s = ttl_s
        self._accounts = backend(CachedValue.USER, AccountModel)
        self._todos = backend(CachedValue.TODOS, TodosModel)

    async def account(self, user_id: UserId) -> Found[Account | None]:
        """Return the account, from the cache if it is there."""
        cached: RootModel[Account] | None = await self._accounts.get(user_id)
        if cached is not None:
            return Found(cached.root)
        account = (await self._inner.read(user_id, (CachedValue.USER,))).account
        if account is not None:
            await self._accounts.set(user_id, account, ttl=self._ttl_s[CachedValue.USER])
        return Found(account, fresh=True)

    async def todos(self, user_id: UserId) -> Found[TodoList | None]:
        """Return the first page of the todos, from the cache if it is there."""
        cached: RootModel[TodoList] | None = await self._todos.get(user_id)
        if cached is not None:
            return Found(cached.root)
        todos = (await self._inner.read(user_id, (CachedValue.TODOS,))).todos
        await self._todos.set(user_id, todos, ttl=self._ttl_s[CachedValue.TODOS])
        return Found(todos, fresh=True)

    async def invalidate(self, user_id: UserId, kinds: CachedValues) -> None:
        """Delete the entries of these kinds; a lost deletion is logged."""
        for kind in kinds:
            backend = self._accounts if kind is CachedValue.USER else self._todos
            await backend.delete(user_id)


async def layering(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose fastapi-redis-sdk over the plain repository."""
    redis = Redis.from_url(foundation.settings.redis_url.get_secret_value())
    stack.push_async_callback(redis.aclose)
    return layer_over(RedisSdkLibrary, redis, foundation, ping=redis.ping)


def from_environment() -> FastAPI:
    """Return the service of the environment with this layer."""
    return application(layering)


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.fastapi_redis_sdk", "from_environment"))
