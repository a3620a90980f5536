"""Rate limiting in one process, and the composition that falls back to it."""

import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from service.adapters.redis.client import RedisUnavailable
from service.domain import Decision, Rule
from service.ports import RateLimiter

MAX_KEYS = 100_000


class MemoryRateLimiter:
    """A sliding window per rule and key, in this process; ``clock`` gives monotonic seconds.

    With more than :data:`MAX_KEYS` keys the one used longest ago is forgotten: the memory of a
    flood from many addresses stays bounded.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._admitted: OrderedDict[tuple[str, str], dict[str, float]] = OrderedDict()

    async def hit(self, rule: Rule, key: str) -> Decision:
        """Admit or refuse one request; atomic, because nothing is awaited."""
        now = self._clock()
        admitted = self._admitted.setdefault((rule.name, key), {})
        self._admitted.move_to_end((rule.name, key))
        if len(self._admitted) > MAX_KEYS:
            self._admitted.popitem(last=False)
        for ticket in [t for t, at in admitted.items() if at <= now - rule.window_s]:
            del admitted[ticket]
        ticket = ""
        if len(admitted) < rule.limit:
            ticket = uuid.uuid4().hex
            admitted[ticket] = now
        oldest = next(iter(admitted.values()))
        return Decision(
            rule=rule,
            admitted=bool(ticket),
            remaining=rule.limit - len(admitted),
            free_in_s=oldest - now + rule.window_s,
            ticket=ticket,
        )

    async def refund(self, key: str, decision: Decision) -> None:
        """Undo an admitted request that turned out not to count."""
        self._admitted.get((decision.rule.name, key), {}).pop(decision.ticket, None)


class FallbackRateLimiter:
    """Count in ``shared`` while it answers, and in ``local`` in any case; never open, no error.

    What Redis forgets, be it evicted for cached values or lost, this process still knows. So it
    admits no more than the limit in any case, and all of them together no more than that
    times their number.
    """

    def __init__(self, shared: RateLimiter, local: RateLimiter) -> None:
        self._shared = shared
        self._local = local

    async def hit(self, rule: Rule, key: str) -> Decision:
        """Admit or refuse one request."""
        local = await self._local.hit(rule, key)
        if not local.admitted:
            return local
        try:
            shared = await self._shared.hit(rule, key)
        except RedisUnavailable:
            return local
        if not shared.admitted:
            await self._local.refund(key, local)
            return shared
        return replace(shared, ticket=f"{local.ticket} {shared.ticket}")

    async def refund(self, key: str, decision: Decision) -> None:
        """Undo an admitted request wherever it was counted."""
        local, _, shared = decision.ticket.partition(" ")
        await self._local.refund(key, replace(decision, ticket=local))
        if shared:
            with suppress(RedisUnavailable):
                await self._shared.refund(key, replace(decision, ticket=shared))


class NoRateLimiter:
    """Admit everything: ``RATE_LIMIT_ENABLED=false``."""

    async def hit(self, rule: Rule, key: str) -> Decision:  # noqa: ARG002
        """Admit the request."""
        return Decision(rule=rule, admitted=True, remaining=rule.limit)

    async def refund(self, key: str, decision: Decision) -> None:
        """Do nothing: nothing was counted."""
