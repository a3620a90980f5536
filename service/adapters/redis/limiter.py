"""A sliding-window rate limiter in Redis: one atomic script per request."""

import uuid
from collections.abc import Awaitable, Callable
from importlib.resources import files

from service.adapters.redis.shared import Counts
from service.domain import Decision, Rule


class RedisRateLimiter:
    """Count in Redis, for all processes together; raises ``RedisUnavailable``.

    The window slides (a log of admitted requests), so "5 per minute" holds for any minute, also
    across the edge of two clock minutes. Cost: ``limit`` small members per key. ``counts_of`` says
    which server counts a key. ``deployment`` names whose counts they are, as well as that is known.
    """

    def __init__(
        self, counts_of: Callable[[str], Counts], *, deployment: Callable[[], str]
    ) -> None:
        self._counts_of = counts_of
        self._deployment = deployment
        self._take = files("service.adapters.redis").joinpath("take.lua").read_text()

    async def hit(self, rule: Rule, key: str) -> Decision:
        """Admit or refuse one request, atomically."""
        ticket = uuid.uuid4().hex
        counted = self._key(rule, key)
        client, breaker = self._counts_of(counted)
        with breaker.call():
            # The text of a kilobyte costs less than to ask whether the server knows it already.
            execute: Callable[..., Awaitable[list[int]]] = client.execute_command
            admitted, remaining, wait_us = await execute(
                "EVAL", self._take, 1, counted, rule.limit, rule.window_s * 1_000_000, ticket
            )
        return Decision(
            rule=rule,
            admitted=bool(admitted),
            remaining=remaining,
            free_in_s=wait_us / 1e6,
            ticket=ticket,
        )

    async def refund(self, key: str, decision: Decision) -> None:
        """Undo an admitted request that turned out not to count."""
        counted = self._key(decision.rule, key)
        client, breaker = self._counts_of(counted)
        with breaker.call():
            await client.zrem(counted, decision.ticket)

    def _key(self, rule: Rule, key: str) -> str:
        # The braces keep it on one node of a cluster.
        return f"fivefold:{self._deployment()}:rate:{rule.name}:{{{key}}}"
