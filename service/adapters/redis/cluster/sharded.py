"""The leased cache and the rate limiter over several primaries: each key where it belongs."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from service.adapters.redis.cluster.shards import Shards
from service.adapters.redis.leased import RedisLeasedCache
from service.adapters.redis.limiter import RedisRateLimiter, rate_key
from service.coherence.cache import Acquired
from service.coherence.fence import Fence
from service.domain import CachedValue, UserId
from service.limits import Decision, Rule
from service.ports import CachedValues


class ShardedLeasedCache:
    """The ``LeasedCache`` over the primaries that a fence names.

    All keys of a user have one hash tag and so one node. What concurrent requests ask for is
    thereby split by node, and leaves in one write per node.
    """

    def __init__(self, shards: Shards) -> None:
        self._shards = shards

    async def get(
        self, fence: Fence, user_id: UserId, kinds: CachedValues
    ) -> Sequence[bytes | None]:
        """Return these cached values."""
        return await self._of(fence, user_id).get(fence, user_id, kinds)

    async def acquire(
        self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str
    ) -> Mapping[CachedValue, Acquired]:
        """Ask for the right to fill."""
        return await self._of(fence, user_id).acquire(fence, user_id, kinds, token)

    async def fill(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        values: Mapping[CachedValue, tuple[bytes, float] | None],
    ) -> AbstractSet[CachedValue]:
        """Store values where the token still stands; return which."""
        return await self._of(fence, user_id).fill(fence, user_id, token, values)

    async def mark(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        """Empty these cached values and keep readers of this user from filling until cleared."""
        await self._of(fence, user_id).mark(fence, user_id, kinds, token)

    async def clear(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        """Empty these cached values, void every fill token, and take the writer's mark away."""
        await self._of(fence, user_id).clear(fence, user_id, kinds, token)

    def _of(self, fence: Fence, user_id: UserId) -> RedisLeasedCache:
        return self._shards.named(fence.run_id).holder(user_id.encode()).cache


class ShardedRateLimiter:
    """Count each key on the primary that holds it as seen last; raises ``RedisUnavailable``.

    A count belongs to no namespace: after a failover it goes on with what the new primary has.
    """

    def __init__(self, shards: Shards, *, deployment: Callable[[], str]) -> None:
        self._shards = shards
        self._deployment = deployment

    async def hit(self, rule: Rule, key: str) -> Decision:
        """Admit or refuse one request, atomically."""
        return await self._of(rule, key).hit(rule, key)

    async def refund(self, key: str, decision: Decision) -> None:
        """Undo an admitted request that turned out not to count."""
        await self._of(decision.rule, key).refund(key, decision)

    def _of(self, rule: Rule, key: str) -> RedisRateLimiter:
        counted = rate_key(self._deployment(), rule, key)
        return self._shards.newest.holder(counted.encode()).node.limiter
