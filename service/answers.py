"""An answer that leaves in one write."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle


class WholeAnswer:
    """Serve one request by ``app``, and write an answer whose body is one piece at once.

    Uvicorn looks through each header with two regular expressions and writes head and body one
    after the other, which takes as long as all that the service does for a cached answer. Every
    answer that is not plain is left to it: one without its length or in parts, to ``HEAD``, on a
    connection that ends or is not read from, or with a header that it would refuse.
    """

    __slots__ = ("_app", "_cycle", "_start")

    def __init__(self, app: Any, cycle: RequestResponseCycle) -> None:
        self._app: ASGIApp = app
        self._cycle = cycle
        self._start: Message | None = None

    async def __call__(self, scope: Any, receive: Any, _: Any) -> None:
        """Serve it; uvicorn and Starlette have names of their own for the same types."""
        try:
            await self._app(scope, receive, self._send)
        except asyncio.CancelledError:
            # Only a server that goes down cancels; uvicorn would log that as a failure.
            return

    async def _send(self, message: Message) -> None:
        start, self._start = self._start, None
        if message["type"] == "http.response.start" and not self._cycle.response_started:
            self._start = message
            return
        if start is not None:
            if self._wrote(start, message):
                return
            await self._cycle.send(start)  # type: ignore[arg-type]
        await self._cycle.send(message)  # type: ignore[arg-type]

    def _wrote(self, start: Message, message: Message) -> bool:
        cycle, body = self._cycle, message.get("body", b"")
        if (
            message.get("more_body")
            or (b"content-length", b"%d" % len(body)) not in start["headers"]
            or not cycle.keep_alive
            or cycle.disconnected
            or cycle.flow.write_paused
            or cycle.scope["method"] == "HEAD"
        ):
            return False
        lines = [*map(b": ".join, cycle.default_headers), *map(b": ".join, start["headers"])]
        head = STATUS_LINE[start["status"]] + b"\r\n".join(lines) + b"\r\n\r\n"
        ends = len(lines) + 2
        if head.count(b"\r") != ends or head.count(b"\n") != ends or b"\0" in head:
            return False
        if b"connection: close" in lines:
            return False
        cycle.transport.write(head + body)
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.message_event.set()
        cycle.on_response()
        return True
