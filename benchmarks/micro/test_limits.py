"""One question to the rate limiter, in Redis and in memory."""

import asyncio
import itertools
from contextlib import AsyncExitStack

import pytest

from benchmarks.micro.measure import Measure, TimedOperation
from benchmarks.micro.site import BenchmarkSite
from service.adapters.limiters import MemoryRateLimiter
from service.adapters.redis.client import Breaker, connect
from service.adapters.redis.limiter import RedisRateLimiter
from service.limits import Decision, Rule
from service.ports import RateLimiter

RULE = Rule("login", limit=5, window_s=3600)
# Asking in memory takes less time than a timer call may.
QUESTIONS = {"redis": 1, "memory": 100}


@pytest.mark.parametrize("variant", ["memory", "redis"])
@pytest.mark.parametrize("outcome", ["admitted", "refused"])
def test_take(
    variant: str,
    outcome: str,
    *,
    measure: Measure,
    site: BenchmarkSite,
    runner: asyncio.Runner,
    cleanup: AsyncExitStack,
) -> None:
    """Ask for keys that were never seen, or for one whose five attempts are used up."""
    limiter = runner.run(_limiter(variant, site, cleanup))
    measure(
        _taking(limiter, outcome, QUESTIONS[variant]),
        group=f"rate limiter, {outcome}",
        variant=variant,
        reference=variant == "memory",
    )


async def _limiter(variant: str, site: BenchmarkSite, cleanup: AsyncExitStack) -> RateLimiter:
    if variant == "memory":
        limiter: RateLimiter = MemoryRateLimiter()
    else:
        client = connect(site.redis.url, deadline_s=2.0)
        cleanup.push_async_callback(client.aclose)
        limiter = RedisRateLimiter(client, Breaker(), deployment=site.databases["cached"])
    for _ in range(RULE.limit):
        await limiter.hit(RULE, "used up")
    return limiter


def _taking(limiter: RateLimiter, outcome: str, questions: int) -> TimedOperation[list[Decision]]:
    numbers = itertools.count()
    keys: list[str] = []

    async def prepare() -> None:
        new = outcome == "admitted"
        keys[:] = [f"new {next(numbers)}" if new else "used up" for _ in range(questions)]

    async def take() -> list[Decision]:
        return [await limiter.hit(RULE, key) for key in keys]

    async def says(decisions: list[Decision]) -> str:
        words = {"admitted" if decision.admitted else "refused" for decision in decisions}
        return " and ".join(sorted(words))

    return TimedOperation(
        run=take, outcome=outcome, says=says, prepare=prepare, per_round=questions
    )
