"""Attempts of which only some count."""

import asyncio

import pytest

from service.adapters.limiters import MemoryRateLimiter
from service.attempts import Attempts
from service.domain import Rule
from service.errors import RateLimited

RULE = Rule("login", 2, 60)


@pytest.fixture
def attempts() -> Attempts:
    return Attempts(MemoryRateLimiter())


async def one(attempts: Attempts, *, counts: bool, ends: asyncio.Event | None = None) -> None:
    async with attempts.attempt(RULE, "key") as attempt:
        attempt.counts = counts
        if ends is not None:
            await ends.wait()


async def test_those_that_count_are_limited_and_the_others_are_given_back(
    attempts: Attempts,
) -> None:
    for _ in range(5):
        await one(attempts, counts=False)
    for _ in range(2):
        await one(attempts, counts=True)
    with pytest.raises(RateLimited) as error:
        await one(attempts, counts=False)

    assert error.value.decision.rule == RULE


@pytest.mark.parametrize("counts", [False, True])
async def test_one_too_many_waits_for_those_under_way(attempts: Attempts, *, counts: bool) -> None:
    ends = asyncio.Event()
    first = [asyncio.create_task(one(attempts, counts=counts, ends=ends)) for _ in range(2)]
    more = [asyncio.create_task(one(attempts, counts=False)) for _ in range(3)]
    for _ in range(5):
        await asyncio.sleep(0)
    waiting = [task.done() for task in more]
    ends.set()
    answers = await asyncio.gather(*first, *more, return_exceptions=True)

    assert waiting == [False] * 3
    assert [type(answer) for answer in answers[2:]] == [RateLimited if counts else type(None)] * 3


async def broken(attempts: Attempts, *, counts: bool) -> None:
    async with attempts.attempt(RULE, "key") as attempt:
        attempt.counts = counts
        raise ZeroDivisionError


async def test_an_attempt_that_breaks_off_counts_unless_it_said_otherwise(
    attempts: Attempts,
) -> None:
    for counts in (True, False, True):
        with pytest.raises(ZeroDivisionError):
            await broken(attempts, counts=counts)
    with pytest.raises(RateLimited):
        await one(attempts, counts=False)
