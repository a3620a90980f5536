"""An event loop that only moves when it is told to."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")


class SteppedLoop(asyncio.AbstractEventLoop):
    """Run callbacks in ``settle`` only, in the order in which they became ready.

    It knows neither sockets nor timers: whoever waits, waits for a future of the stage.
    """

    def __init__(self) -> None:
        self._ready: deque[asyncio.Handle] = deque()

    def settle(self) -> None:
        """Run until nobody can go on without an answer from outside."""
        while self._ready:
            self._ready.popleft()._run()

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Remember a callback for the next ``settle``."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T],  # type: ignore[override]
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        """Schedule a coroutine."""
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def get_debug(self) -> bool:
        """Return false: nothing is slow here."""
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Raise what nobody retrieved, so that no failure stays unseen."""
        raise AssertionError(context)
