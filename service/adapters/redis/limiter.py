"""A sliding-window rate limiter in Redis: one atomic script per request."""

import uuid
from collections.abc import Callable
from importlib.resources import files

from redis.asyncio import Redis

from service.adapters.redis.client import Breaker
from service.limits import Decision, Rule


class RedisRateLimiter:
    """Count in Redis, for all processes together; raises ``RedisUnavailable``.

    The window slides (a log of admitted requests), so "5 per minute" holds for any minute, also
    across the edge of two clock minutes. Cost: ``limit`` small members per key. ``deployment``
    names whose counts they are, as well as that is known.
    """

    def __init__(self, client: Redis, breaker: Breaker, *, deployment: Callable[[], str]) -> None:
        self._redis = client
        self._breaker = breaker
        self._deployment = deployment
        script = files("service.adapters.redis").joinpath("take.lua").read_text()
        self._take = client.register_script(script)

    async def hit(self, rule: Rule, key: str) -> Decision:
        """Admit or refuse one request, atomically."""
        ticket = uuid.uuid4().hex
        with self._breaker.call():
            admitted, remaining, wait_us = await self._take(
                keys=[self._key(rule, key)], args=[rule.limit, rule.window_s * 1_000_000, ticket]
            )
        return Decision(
            rule=rule,
            admitted=bool(admitted),
            remaining=int(remaining),
            free_in_s=int(wait_us) / 1e6,
            ticket=ticket,
        )

    async def refund(self, key: str, decision: Decision) -> None:
        """Undo an admitted request that turned out not to count."""
        with self._breaker.call():
            await self._redis.zrem(self._key(decision.rule, key), decision.ticket)

    def _key(self, rule: Rule, key: str) -> str:
        return rate_key(self._deployment(), rule, key)


def rate_key(deployment: str, rule: Rule, key: str) -> str:
    """Return the key in Redis that counts for a rule and a caller."""
    return f"fivefold:{deployment}:rate:{rule.name}:{{{key}}}"
