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
from functools import partial
from typing import Any

from cashews import Cache

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
    ttl_s = ttl_of(foundation.settings)
    keys = {kind: f"{foundation.database.name}:{kind}:{{user_id}}" for kind in CachedValue}
    finds = finders(foundation.plain)
    of_account = cache(
        ttl=ttl_s[CachedValue.USER], key=keys[CachedValue.USER], condition=_is_somebody
    )
    of_todos = cache(ttl=ttl_s[CachedValue.TODOS], key=keys[CachedValue.TODOS])

    @cache.invalidate(keys[CachedValue.USER])
    async def account_written(user_id: UserId) -> None: ...

    @cache.invalidate(keys[CachedValue.TODOS])
    async def todos_written(user_id: UserId) -> None: ...

    written = {CachedValue.USER: account_written, CachedValue.TODOS: todos_written}

    async def invalidate(user_id: UserId, kinds: CachedValues) -> None:
        # A lost deletion is logged.
        for kind in kinds:
            await written[kind](user_id)

    lookups = {
        CachedValue.USER: of_account(finds[CachedValue.USER]),
        CachedValue.TODOS: of_todos(finds[CachedValue.TODOS]),
    }
    repository = LibraryRepository(foundation.plain, lookups, invalidate)
    return layer_of(repository, redis=cache.ping)


from_environment = partial(application, layering)

if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.cashews", "from_environment"))
