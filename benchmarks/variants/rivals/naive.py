"""The tutorial's pattern, done with care: cache-aside with a TTL, entries deleted after writes.

What it does not promise: a value read before a write can be stored after it, and a deletion that
Redis did not confirm is lost, so a reader can be served an old value until its TTL ends.
"""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import cast

from redis.asyncio import Redis

from benchmarks.variants.rivals.layer import application, layer_of, ttl_of
from service.adapters.redis.client import Breaker, RedisUnavailable, connect
from service.codec import todo_in_list
from service.coherence.entries import pack_account, pack_todos, unpack_account, unpack_todos
from service.domain import (
    CachedValue,
    Snapshot,
    TodoId,
    TodoSnapshot,
    UserId,
)
from service.layers import Foundation, Layer
from service.ports import CachedValues, Repository
from service.server import serve
from service.trace import HIT, MISS, UNAVAILABLE

SCHEMA = 1


class CacheAsideRepository:
    """Answer reads from Redis where it can, else from ``inner``, and remember what it said.

    ``ttl_s`` holds seconds by kind. A value that it cannot read is an error, as in tutorials.
    """

    def __init__(
        self,
        inner: Repository,
        redis: Redis,
        *,
        deployment: str,
        ttl_s: Mapping[CachedValue, int],
        breaker: Breaker,
    ) -> None:
        self._inner = inner
        self._redis = redis
        self._deployment = deployment
        self._ttl_s = ttl_s
        self._breaker = breaker

    async def read(self, user_id: UserId, kinds: CachedValues) -> Snapshot:
        """Ask Redis for all of them at once, the database for those it lacks."""
        try:
            with self._breaker.call():
                # A key of another type reads as absent.
                entries = await self._redis.mget(self._keys(user_id, kinds))
        except RedisUnavailable:
            snapshot = await self._inner.read(user_id, kinds)
            return replace(snapshot, outcomes=dict.fromkeys(kinds, UNAVAILABLE))
        found = dict(zip(kinds, cast(list[bytes | None], entries), strict=True))
        account, todos = found.get(CachedValue.USER), found.get(CachedValue.TODOS)
        outcomes = {kind: MISS if found[kind] is None else HIT for kind in kinds}
        missing = tuple(kind for kind, outcome in outcomes.items() if outcome is MISS)
        fresh = Snapshot()
        if missing:
            fresh = await self._inner.read(user_id, missing)
            await self._fill(user_id, fresh)
        return Snapshot(
            fresh.account if account is None else unpack_account(user_id, account),
            fresh.todos if todos is None else unpack_todos(user_id, todos),
            outcomes,
        )

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        """Pick the todo from the cached list; one beyond the first page comes from the database."""
        snapshot = await self.read(user_id, tuple(CachedValue))
        return await todo_in_list(snapshot, self._inner, user_id, todo_id)

    @asynccontextmanager
    async def write(self, user_id: UserId, *kinds: CachedValue) -> AsyncIterator[None]:
        """Delete the entries of these kinds after the change; a lost deletion is not noticed."""
        async with self._inner.write(user_id, *kinds):
            yield
        # Also when Redis is thought to be down.
        with suppress(RedisUnavailable), self._breaker.call(even_when_open=True):
            await self._redis.delete(*self._keys(user_id, kinds))

    async def _fill(self, user_id: UserId, fresh: Snapshot) -> None:
        entries: dict[CachedValue, bytes] = {}
        if fresh.account is not None:
            entries[CachedValue.USER] = pack_account(fresh.account)
        if fresh.todos is not None:
            entries[CachedValue.TODOS] = pack_todos(user_id, fresh.todos)
        with suppress(RedisUnavailable):
            for kind, entry in entries.items():
                with self._breaker.call():
                    key = entry_key(self._deployment, user_id, kind)
                    await self._redis.set(key, entry, ex=self._ttl_s[kind])

    def _keys(self, user_id: UserId, kinds: CachedValues) -> list[str]:
        return [entry_key(self._deployment, user_id, kind) for kind in kinds]


def entry_key(deployment: str, user_id: UserId, kind: CachedValue) -> str:
    """Return the key of an entry.

    ``user_id`` is 24 hex digits by the time it gets here, so no part can contain a separator.
    The braces keep the entries of one user on one node of a cluster.
    """
    return f"naive:{deployment}:{SCHEMA}:{{{user_id}}}:{kind}"


async def layering(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose cache-aside over the plain repository."""
    settings = foundation.settings
    client = connect(
        settings.redis_url.get_secret_value(), deadline_s=settings.redis_deadline_seconds
    )
    stack.push_async_callback(client.aclose)
    repository = CacheAsideRepository(
        foundation.plain,
        client,
        deployment=foundation.database.name,
        ttl_s=ttl_of(settings),
        breaker=Breaker(),
    )
    return layer_of(repository, redis=client.ping)


from_environment = partial(application, layering)

if __name__ == "__main__":
    sys.exit(serve("benchmarks.variants.rivals.naive", "from_environment"))
