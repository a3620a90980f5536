"""Cached slots as Redis strings."""

from collections.abc import Sequence
from typing import cast

from redis.asyncio import Redis

from benchmarks.variants.rivals.naive.repository import NaiveCacheUnavailable
from service.adapters.redis.client import Breaker, RedisUnavailable
from service.domain import CachedValue, UserId
from service.ports import CachedValues

SCHEMA = 1


def slot_key(deployment: str, user_id: UserId, slot: CachedValue) -> str:
    """Return the key of a slot.

    ``user_id`` is 24 hex digits by the time it gets here, so no part can contain a separator.
    The braces keep the slots of one user on one node of a cluster.
    """
    return f"naive:{deployment}:{SCHEMA}:{{{user_id}}}:{slot}"


class RedisSlots:
    """The ``SlotCache`` over one Redis."""

    def __init__(self, client: Redis, breaker: Breaker, *, deployment: str) -> None:
        self._redis = client
        self._breaker = breaker
        self._deployment = deployment

    async def get(self, user_id: UserId, slots: CachedValues) -> Sequence[bytes | None]:
        """Return the entries of these slots, in one round trip; a wrong type reads as absent."""
        try:
            with self._breaker.call():
                entries = await self._redis.mget(self._keys(user_id, slots))
        except RedisUnavailable as error:
            raise NaiveCacheUnavailable from error
        return cast(list[bytes | None], entries)

    async def put(self, user_id: UserId, slot: CachedValue, entry: bytes, *, ttl_s: float) -> None:
        """Store an entry for ``ttl_s`` seconds."""
        [key] = self._keys(user_id, (slot,))
        try:
            with self._breaker.call():
                await self._redis.set(key, entry, px=max(1, round(ttl_s * 1000)))
        except RedisUnavailable as error:
            raise NaiveCacheUnavailable from error

    async def drop(self, user_id: UserId, slots: CachedValues) -> None:
        """Delete the entries of these slots, also when Redis is thought to be down."""
        try:
            with self._breaker.call(even_when_open=True):
                await self._redis.delete(*self._keys(user_id, slots))
        except RedisUnavailable as error:
            raise NaiveCacheUnavailable from error

    def _keys(self, user_id: UserId, slots: CachedValues) -> list[str]:
        return [slot_key(self._deployment, user_id, slot) for slot in slots]
