"""Work beside the requests ends with the service."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest

from service import background
from service.background import begin, in_background


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "CANCEL_AGAIN_S", 0.0)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "START_PATIENCE_S", 60.0)


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


async def test_a_start_waits_for_work_that_is_soon_done() -> None:
    seen: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0)
        seen.append("done")

    async with AsyncExitStack() as stack:
        await begin(stack, work())

        assert seen == ["done"]


async def test_a_start_does_not_wait_for_work_that_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "START_PATIENCE_S", 0.0)
    released, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await released.wait()
        done.set()

    async with AsyncExitStack() as stack:
        await begin(stack, work())

        assert not done.is_set()
        released.set()
        await done.wait()


async def test_a_start_fails_with_work_that_fails() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with AsyncExitStack() as stack:
            await begin(stack, work())
