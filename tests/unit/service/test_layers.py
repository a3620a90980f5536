"""Work beside the requests ends with the service."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest

from service import layers
from service.layers import begin, in_background


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "CANCEL_AGAIN_S", 0.0)
    monkeypatch.setattr(layers, "START_PATIENCE_S", 60.0)


async def test_it_works_until_the_stack_closes_however_often_it_must_be_cancelled() -> None:
    order: list[str] = []

    async def work() -> None:
        order.append("begun")
        for _ in range(3):
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            order.append("swallowed")
        await asyncio.Event().wait()

    async def soon_done() -> None: ...

    async with AsyncExitStack() as stack:
        stack.callback(order.append, "what was opened before is closed")
        in_background(stack, work())
        in_background(stack, soon_done())
        await asyncio.sleep(0)
        before = list(order)

    assert before == ["begun"]
    assert order == ["begun", *["swallowed"] * 3, "what was opened before is closed"]


async def test_a_start_waits_for_work_that_is_soon_done_and_fails_with_it() -> None:
    seen: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0)
        seen.append("done")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with AsyncExitStack() as stack:
            await begin(stack, work())
    assert seen == ["done"]


async def test_a_start_does_not_wait_for_work_that_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layers, "START_PATIENCE_S", 0.0)
    released, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await released.wait()
        done.set()

    async with AsyncExitStack() as stack:
        await begin(stack, work())

        assert not done.is_set()
        released.set()
        await done.wait()
