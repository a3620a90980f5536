"""What aiocache does for one user.

Written after the documentation of aiocache 0.12.3: README "Usage" (the decorator over Redis with
``PickleSerializer``: "With this we can store python objects in backends like Redis!", a namespace,
then ``cache.delete(key)`` with nothing around it) and https://aiocache.readthedocs.io, "Decorators"
(``key_builder``, ``skip_cache_func``, "The cache is available in the function object as
``<function_name>.cache``"). The backend's own default serializer is JSON, which cannot store what
is read here. Everything else is the library's default: a pool without limit for each decorated
function, a timeout of five seconds.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from aiocache import Cache, cached  # type: ignore[import-untyped]
from aiocache.serializers import PickleSerializer  # type: ignore[import-untyped]

from benchmarks.variants.rivals.slotwise import Found
from service.domain import Account, CachedValue, TodoList, UserId
from service.ports import CachedValues, Repository


class AiocacheLibrary:
    """The ``Library`` over a Redis cache per slot; ``ttl_s`` holds seconds by slot."""

    def __init__(
        self, inner: Repository, url: str, *, deployment: str, ttl_s: Mapping[CachedValue, int]
    ) -> None:
        async def account(user_id: UserId) -> Found[Account | None]:
            return Found((await inner.read(user_id, (CachedValue.USER,))).account, fresh=True)

        async def todos(user_id: UserId) -> Found[TodoList | None]:
            return Found((await inner.read(user_id, (CachedValue.TODOS,))).todos, fresh=True)

        def decorated(slot: CachedValue, function: Any, **options: Any) -> Any:
            decorator = cached(
                ttl=ttl_s[slot],
                cache=Cache.REDIS,
                key_builder=lambda _, user_id: f"{slot}:{user_id}",
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

    async def invalidate(self, user_id: UserId, slots: CachedValues) -> None:
        """Delete the entries of these slots; raises what redis-py does when that fails."""
        for slot in slots:
            await self._caches[slot].delete(f"{slot}:{user_id}")

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
