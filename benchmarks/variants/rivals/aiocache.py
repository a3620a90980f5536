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
from contextlib import AsyncExitStack
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from aiocache import Cache, cached  # type: ignore[import-untyped]
from aiocache.serializers import PickleSerializer  # type: ignore[import-untyped]

from benchmarks.variants.rivals.layer import (
    Found,
    LibraryRepository,
    application,
    finders,
    layer_of,
    ttl_of,
)
from service.domain import Account, CachedValue, UserId
from service.layers import Foundation, Layer
from service.ports import CachedValues
from service.server import serve


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
    ttl_s = ttl_of(foundation.settings)
    finds = finders(foundation.plain)

    def decorated(kind: CachedValue, **options: Any) -> Any:
        decorator = cached(
            ttl=ttl_s[kind],
            cache=Cache.REDIS,
            key_builder=lambda _, user_id: f"{kind}:{user_id}",
            serializer=PickleSerializer(),
            namespace=foundation.database.name,
            **_connection(foundation.settings.redis_url.get_secret_value()),
            **options,
        )
        return decorator(finds[kind])

    lookups = {
        CachedValue.USER: decorated(CachedValue.USER, skip_cache_func=_is_nobody),
        CachedValue.TODOS: decorated(CachedValue.TODOS),
    }
    for lookup in lookups.values():
        # Not ``cache.close``, which calls what redis-py has deprecated.
        stack.push_async_callback(lookup.cache.client.aclose)

    async def invalidate(user_id: UserId, kinds: CachedValues) -> None:
        # Raises what redis-py does when a deletion fails.
        for kind in kinds:
            await lookups[kind].cache.delete(f"{kind}:{user_id}")

    repository = LibraryRepository(foundation.plain, lookups, invalidate)
    return layer_of(repository, redis=partial(lookups[CachedValue.USER].cache.raw, "ping"))


from_environment = partial(application, layering)

if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.aiocache", "from_environment"))
