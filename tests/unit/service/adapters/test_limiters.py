import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.limiters import FallbackRateLimiter, MemoryRateLimiter
from service.adapters.redis.client import RedisUnavailable
from service.domain import Decision, Rule
from tests.fakes import ManualClock

RULE = Rule("login", 3, 60)


class FlakyLimiter(MemoryRateLimiter):
    """A limiter in Redis, which may be down."""

    down = False

    async def hit(self, rule: Rule, key: str) -> Decision:
        if self.down:
            raise RedisUnavailable("hit")
        return await super().hit(rule, key)

    async def refund(self, key: str, decision: Decision) -> None:
        if self.down:
            raise RedisUnavailable("refund")
        await super().refund(key, decision)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def limiter(clock: ManualClock) -> MemoryRateLimiter:
    return MemoryRateLimiter(clock=clock)


async def admitted(limiter: MemoryRateLimiter | FallbackRateLimiter, times: int) -> int:
    return sum([(await limiter.hit(RULE, "ada")).admitted for _ in range(times)])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([0, 1, 20, 30, 59.5, 60]), max_size=30))
def test_any_window_holds_at_most_the_limit_and_no_place_is_wasted(steps_s: list[float]) -> None:
    async def run() -> None:
        clock = ManualClock()
        limiter = MemoryRateLimiter(clock=clock)
        instants: list[float] = []
        for step_s in steps_s:
            clock.advance(step_s)
            decision = await limiter.hit(RULE, "ada")
            recent = [at for at in instants if at > clock() - RULE.window_s]

            assert decision.admitted is (len(recent) < RULE.limit)
            assert decision.free_in_s == [*recent, clock()][0] + RULE.window_s - clock()
            if decision.admitted:
                instants.append(clock())
                assert decision.remaining == RULE.limit - len(recent) - 1

    asyncio.run(run())


async def test_of_too_many_keys_the_one_used_longest_ago_is_forgotten(
    limiter: MemoryRateLimiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.adapters.limiters.MAX_KEYS", 3)
    for key in ("ada", "bob", "eve", "ada", "new"):
        last = await limiter.hit(RULE, key)
    remaining = {key: (await limiter.hit(RULE, key)).remaining for key in ("ada", "eve")}

    assert last.remaining == 2
    assert remaining == {"ada": 0, "eve": 1}
    assert len(limiter._admitted) == 3
    assert (await limiter.hit(RULE, "bob")).remaining == 2


async def test_a_redis_that_goes_comes_back_or_forgets_opens_no_second_window(
    clock: ManualClock,
) -> None:
    shared = FlakyLimiter(clock=clock)
    limiter = FallbackRateLimiter(shared, MemoryRateLimiter(clock=clock))
    shared.down = True
    while_down = await admitted(limiter, 10)
    shared.down = False
    restarted = await admitted(limiter, 10)
    clock.advance(RULE.window_s)
    first = await admitted(limiter, 1)
    # Evicted for cached values, say.
    shared._admitted.clear()
    forgotten = await admitted(limiter, 10)

    assert (while_down, restarted) == (RULE.limit, 0)
    assert (first, forgotten) == (1, RULE.limit - 1)


async def test_what_redis_refuses_is_not_counted_here(clock: ManualClock) -> None:
    shared, local = FlakyLimiter(clock=clock), MemoryRateLimiter(clock=clock)
    limiter = FallbackRateLimiter(shared, local)
    await admitted(FallbackRateLimiter(shared, MemoryRateLimiter(clock=clock)), RULE.limit)
    refused = await admitted(limiter, 10)
    shared.down = True

    assert refused == 0
    assert await admitted(limiter, 10) == RULE.limit


@pytest.mark.parametrize("down_then", [False, True])
@pytest.mark.parametrize("down_now", [False, True])
async def test_a_place_is_given_back_where_it_was_taken(
    clock: ManualClock, *, down_then: bool, down_now: bool
) -> None:
    shared = FlakyLimiter(clock=clock)
    limiter = FallbackRateLimiter(shared, MemoryRateLimiter(clock=clock))
    shared.down = down_then
    await admitted(limiter, 2)
    third = await limiter.hit(RULE, "ada")
    shared.down = down_now
    await limiter.refund("ada", third)
    shared.down = down_then

    given_back = down_then or not down_now
    assert await admitted(limiter, 5) == (1 if given_back else 0)
