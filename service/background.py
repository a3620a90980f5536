"""Work that goes on beside the requests, and ends with the service."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack

CANCEL_AGAIN_S = 0.2
START_PATIENCE_S = 0.5


async def begin(stack: AsyncExitStack, work: Coroutine[object, object, None]) -> None:
    """Start ``work`` and give it :data:`START_PATIENCE_S` seconds; the rest goes on beside.

    So a service is complete when its servers answer, and there when they do not. Raises what
    ``work`` raised in that time.
    """
    done, _ = await asyncio.wait({in_background(stack, work)}, timeout=START_PATIENCE_S)
    for task in done:
        task.result()


def in_background(
    stack: AsyncExitStack, work: Coroutine[object, object, None]
) -> asyncio.Task[None]:
    """Start ``work``; closing ``stack`` ends it."""
    task = asyncio.ensure_future(work)

    async def stop() -> None:
        # A cancellation can get lost inside a driver, so one may not be enough.
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=CANCEL_AGAIN_S)

    stack.push_async_callback(stop)
    return task
