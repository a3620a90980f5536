"""What cashews does for one user.

Written after the README of cashews 7.6 (https://github.com/Krukov/cashews): "Usage Example" and
"Simple cache" for the reads, "Template Keys" for a key by user, "Cache condition" for what is not
to be stored, "Cache invalidation" for the writes. The keys are exact, so the invalidation scans
nothing and tags, which that section offers against scans, would only add commands. Everything
that the README does not set is the library's default: pickle, ten connections, a socket timeout
of a second, connection errors logged and suppressed, calls for one key that overlap joined.
"""

from collections.abc import Mapping
from typing import Any

from cashews import Cache

from benchmarks.variants.rivals.slotwise import Found
from service.domain import Account, CachedValue, TodoList, UserId
from service.ports import CachedValues, Repository


class CashewsLibrary:
    """The ``Library`` over one ``Cache``; ``ttl_s`` holds seconds by slot."""

    def __init__(
        self, inner: Repository, cache: Cache, *, deployment: str, ttl_s: Mapping[CachedValue, int]
    ) -> None:
        keys = {slot: f"{deployment}:{slot}:{{user_id}}" for slot in CachedValue}

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

    async def invalidate(self, user_id: UserId, slots: CachedValues) -> None:
        """Delete the entries of these slots; a lost deletion is logged."""
        for slot in slots:
            await self._written[slot](user_id)


def _is_somebody(
    result: Found[Account | None] | Exception,
    args: tuple[Any, ...],  # noqa: ARG001 - cashews' protocol
    kwargs: Mapping[str, Any],  # noqa: ARG001
    key: str | None = None,  # noqa: ARG001
) -> bool:
    return isinstance(result, Found) and result.value is not None
