"""Cashews, as its README shows it: ``@cache`` over the reads, ``@cache.invalidate`` over writes.

Written after the README of cashews 7.6 (https://github.com/Krukov/cashews): "Usage Example" and
"Simple cache" for the reads, "Template Keys" for a key by user, "Cache condition" for what is not
to be stored, "Cache invalidation" for the writes. The keys are exact, so the invalidation scans
nothing and tags, which that section offers against scans, would only add commands. Everything
that the README does not set is the library's default: pickle, ten connections, a socket timeout
of a second, connection errors logged and suppressed, calls for one key that overlap joined.
"""

import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from cashews import Cache
from fastapi import FastAPI

from benchmarks.variants.rivals.layer import Found, application, layer_over
from service.domain import Account, CachedValue, TodoList, UserId
from service.layers import Foundation, Layer
from service.ports import CachedValues, Repository
from service.server import serve


class CashewsLibrary:
    """The ``CacheLibrary`` over one ``Cache``; ``ttl_s`` holds seconds by kind."""

    def __init__(
        self, inner: Repository, cache: Cache, *, deployment: str, ttl_s: Mapping[CachedValue, int]
    ) -> None:
        keys = {kind: f"{deployment}:{kind}:{{user_id}}" for kind in CachedValue}

        @cache(ttl=ttl_s[CachedValue.USER], key=keys[CachedValue.USER], condition=_is_somebody)
        async def account(user_id: UserId) -> Found[Account | None]:
            return Found((await inner.read(user_id, (CachedValue.USER,))).account, fresh=True)

        @cache(ttl=ttl_s[CachedValue.TODOS], key=keys[CachedValue.TODOS])
        async def todos(user_id: UserId) -> Found[TodoList | None]:
            return Found((await inner.read(user_id, (CachedValue.TODOS,))).todos, fresh=True)

        @cache.invalidate(keys[CachedValue.USER])
        async def account_written(user_id: UserId) -> None: ...

        @cache.invalidate(keys[CachedValue.TODOS])
        async def todos_written(user_id: UserId) -> None: ...

        self._account = account
        self._todos = todos
        self._written = {CachedValue.USER: account_written, CachedValue.TODOS: todos_written}

    async def account(self, user_id: UserId) -> Found[Account | None]:
        """Return the account, from the cache if it is there."""
        return await self._account(user_id)

    async def todos(self, user_id: UserId) -> Found[TodoList | None]:
        """Return the first page of the todos, from the cache if it is there."""
        return await self._todos(user_id)

    async def invalidate(self, user_id: UserId, kinds: CachedValues) -> None:
        """Delete the entries of these kinds; a lost deletion is logged."""
        for kind in kinds:
            await self._written[kind](user_id)


def _is_somebody(
    result: Found[Account | None] | Exception,
    args: tuple[Any, ...],  # noqa: ARG001 - cashews' protocol
    kwargs: Mapping[str, Any],  # noqa: ARG001
    key: str | None = None,  # noqa: ARG001
) -> bool:
    return isinstance(result, Found) and result.value is not None


async def layering(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose cashews over the plain repository."""
    cache = Cache()
    cache.setup(foundation.settings.redis_url.get_secret_value())
    stack.push_async_callback(cache.close)
    return layer_over(CashewsLibrary, cache, foundation, ping=cache.ping)


def from_environment() -> FastAPI:
    """Return the service of the environment with this layer."""
    return application(layering)


if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.cashews", "from_environment"))
