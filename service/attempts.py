"""Attempts of which only some count against a limit, decided when they have ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

from service.domain import Decision, Rule
from service.errors import RateLimited
from service.ports import RateLimiter


class _UnderWay(set[asyncio.Future[None]]):
    """The ends of attempts that have begun; kept while one is under way or waited for."""


@dataclass(slots=True)
class Attempt:
    """An admitted attempt; one that turns out not to count is given back."""

    decision: Decision
    counts: bool = True


class Attempts:
    """Admit attempts by a limiter.

    Of several at once it is not known yet which will count. So one too many waits for those that
    this process has under way, and is refused when enough of them have counted.
    """

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._under_way: WeakValueDictionary[tuple[str, str], _UnderWay] = WeakValueDictionary()

    @asynccontextmanager
    async def attempt(self, rule: Rule, key: str) -> AsyncIterator[Attempt]:
        """Enclose an attempt; raises ``RateLimited`` in its place when it is one too many."""
        under_way = self._under_way.setdefault((rule.name, key), _UnderWay())
        attempt = Attempt(await self._admitted(rule, key, under_way))
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        under_way.add(ended)
        try:
            yield attempt
        finally:
            try:
                if not attempt.counts:
                    await self._limiter.refund(key, attempt.decision)
            finally:
                under_way.discard(ended)
                ended.set_result(None)

    async def _admitted(self, rule: Rule, key: str, under_way: _UnderWay) -> Decision:
        while not (decision := await self._limiter.hit(rule, key)).admitted:
            if not under_way:
                raise RateLimited(decision)
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        return decision
