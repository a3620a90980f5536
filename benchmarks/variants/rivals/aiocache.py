"""Aiocache, as its README shows it: ``@cached`` over the reads, ``cache.delete`` after writes.

Written after the documentation of aiocache 0.12.3: README "Usage" (the decorator over Redis with
``PickleSerializer``: "With this we can store python objects in backends like Redis!", a namespace,
then ``cache.delete(key)`` with nothing around it) and https://aiocache.readthedocs.io, "Decorators"
(``key_builder``, ``skip_cache_func``, "The cache is available in the function object as
``<function_name>.cache``"). The backend's own default serializer is JSON, which cannot store what
is read here. Everything else is the library's default: a pool without limit for each decorated
function, a timeout of five seconds.
"""

import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import unquote, urlsplit

from aiocache import Cache, cached  # type: ignore[import-untyped]
from aiocache.serializers import PickleSerializer  # type: ignore[import-untyped]
from fastapi import FastAPI

from benchmarks.variants.rivals.layer import Found, LibraryRepository, application, layer_of, ttl_of
from service.domain import Account, CachedValue, TodoList, UserId
from service.layers import Foundation, Layer
from service.ports import CachedValues, Repository
from service.server import serve


class AiocacheLibrary:
    """The ``CacheLibrary`` over a Redis cache per cached value; ``ttl_s`` holds seconds by kind."""

    def __init__(
        self, inner: Repository, url: str, *, deployment: str, ttl_s: Mapping[CachedValue, int]
    ) -> None:
        async def account(user_id: UserId) -> Found[Account | None]:
            return Found((await inner.read(user_id, (CachedValue.USER,))).account, fresh=True)

        async def todos(user_id: UserId) -> Found[TodoList | None]:
            return Found((await inner.read(user_id, (CachedValue.TODOS,))).todos, fresh=True)

        def decorated(kind: CachedValue, function: Any, **options: Any) -> Any:
            decorator = cached(
                ttl=ttl_s[kind],
                cache=Cache.REDIS,
                key_builder=lambda _, user_id: f"{kind}:{user_id}",
                serializer=PickleSerializer(),
                namespace=deployment,
                **_connection(url),
                **options,
            )
            return decorator(function)

        self._account = decorated(CachedValue.USER, account, skip_cache_func=_is_nobody)
        self._todos = decorated(CachedValue.TODOS, todos)
        self._caches = {CachedValue.USER: self._account.cache, CachedValue.TODOS: self._todos.cache}

    async def account(self, user_id: UserId) -> Found[Account | None]:
        """Return the account, from the cache if it is there."""
        found: Found[Account | None] = await self._account(user_id)
        return found

    async def todos(self, user_id: UserId) -> Found[TodoList | None]:
        """Return the first page of the todos, from the cache if it is there."""
        found: Found[TodoList | None] = await self._todos(user_id)
        return found

    async def invalidate(self, user_id: UserId, kinds: CachedValues) -> None:
        """Delete the entries of these kinds; raises what redis-py does when that fails."""
        for kind in kinds:
            await self._caches[kind].delete(f"{kind}:{user_id}")

    async def ping(self) -> object:
        """Ask Redis whether it is there."""
        answer: object = await self._caches[CachedValue.USER].raw("ping")
        return answer

    async def aclose(self) -> None:
        """Close the connections."""
        for cache in self._caches.values():
            # Not ``cache.close``, which calls what redis-py has deprecated.
            await cache.client.aclose()


def _is_nobody(result: Found[Account | None]) -> bool:
    return result.value is None


def _connection(url: str) -> dict[str, Any]:
    """Return what aiocache takes apart from a URL; a user name is not among it."""
    parts = urlsplit(url)
    return {
        "endpoint": parts.hostname,
        "port": parts.port or 6379,
        "db": int(parts.path.strip("/") or 0),
        "password": unquote(parts.password) if parts.password else None,
        "ssl": parts.scheme == "rediss",
    }


async def layering(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose aiocache over the plain repository."""
    settings, plain = foundation.settings, foundation.plain
    library = AiocacheLibrary(
        plain,
        settings.redis_url.get_secret_value(),
        deployment=foundation.database.name,
        ttl_s=ttl_of(settings),
    )
    stack.push_async_callback(library.aclose)
    return layer_of(LibraryRepository(library, plain), redis=library.ping)


def from_environment() -> FastAPI:
    """Return the service of the environment with this layer."""
    return application(layering)


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.aiocache", "from_environment"))
