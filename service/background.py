"""Work that goes on beside the requests, and ends with the service."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack

CANCEL_AGAIN_S = 0.2


def in_background(stack: AsyncExitStack, work: Coroutine[object, object, None]) -> None:
    """Start ``work``; closing ``stack`` ends it."""
    task = asyncio.ensure_future(work)

    async def stop() -> None:
        # A cancellation can get lost inside a driver, so one may not be enough.
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=CANCEL_AGAIN_S)

    stack.push_async_callback(stop)
