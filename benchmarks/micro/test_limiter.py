"""One question to the rate limiter, which counts in the process where there is no Redis."""

import asyncio
import itertools
from contextlib import AsyncExitStack

import pytest

from benchmarks.micro.measure import Measure, TimedOperation
from benchmarks.micro.site import BenchmarkSite
from service.adapters.limiters import MemoryRateLimiter
from service.adapters.redis.client import Breaker, connect
from service.adapters.redis.limiter import RedisRateLimiter
from service.domain import Decision, Rule
from service.ports import RateLimiter

RULE = Rule("login", limit=5, window_s=3600)


@pytest.mark.parametrize("variant", ["uncached", "cached"])
def test_hit(
    variant: str,
    *,
    measure: Measure,
    site: BenchmarkSite,
    runner: asyncio.Runner,
    cleanup: AsyncExitStack,
) -> None:
    """Ask for a key that was never seen."""
    limiter = runner.run(_limiter(variant, site, cleanup))
    numbers = itertools.count()

    async def hit() -> Decision:
        return await limiter.hit(RULE, f"new {next(numbers)}")

    async def says(decision: Decision) -> str:
        return "admitted" if decision.admitted else "refused"

    measure(
        TimedOperation(run=hit, outcome="admitted", says=says),
        group="rate limiter",
        variant=variant,
        summary="limiter" if variant == "cached" else None,
    )


async def _limiter(variant: str, site: BenchmarkSite, cleanup: AsyncExitStack) -> RateLimiter:
    if variant == "uncached":
        return MemoryRateLimiter()
    client = connect(site.redis.url, deadline_s=2.0)
    cleanup.push_async_callback(client.aclose)
    counts = client, Breaker()
    return RedisRateLimiter(lambda _: counts, deployment=lambda: site.databases["cached"])
