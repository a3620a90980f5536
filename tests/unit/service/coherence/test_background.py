"""Work beside the requests ends with the service."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest

from service import background
from service.background import in_background


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "CANCEL_AGAIN_S", 0.0)


async def test_it_works_until_the_stack_closes() -> None:
    seen: list[str] = []

    async def work() -> None:
        seen.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("ended")

    async with AsyncExitStack() as stack:
        in_background(stack, work())
        await asyncio.sleep(0)
        before = list(seen)

    assert before == ["begun"]
    assert seen == ["begun", "ended"]


async def test_it_ends_work_that_swallows_a_cancellation() -> None:
    swallowed = 0

    async def work() -> None:
        nonlocal swallowed
        while swallowed < 3:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            swallowed += 1
        await asyncio.Event().wait()

    async with AsyncExitStack() as stack:
        in_background(stack, work())
        await asyncio.sleep(0)

    assert swallowed == 3


async def test_work_that_is_done_is_left_alone() -> None:
    async def work() -> None:
        return

    async with AsyncExitStack() as stack:
        in_background(stack, work())
        await asyncio.sleep(0)


async def test_what_was_opened_before_it_is_closed_after_it() -> None:
    order: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            order.append("work")

    async with AsyncExitStack() as stack:
        stack.callback(order.append, "client")
        in_background(stack, work())
        await asyncio.sleep(0)

    assert order == ["work", "client"]
