"""One HTTP connection, bounded in bytes, requests and time for any bytes that are sent on it.

A plain answer leaves it in one write.
"""

import asyncio
import json
import resource
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

MAX_HEAD_BYTES = 32 * 1024
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
MAX_PIPELINED = 16
REQUEST_S = 20.0
UNREAD_S = 30.0
MAX_CONNECTIONS = 10_000
# For what else has descriptors: the pools of MongoDB and Redis, files, the listening socket.
RESERVED_DESCRIPTORS = 256


class _Refused(Exception):
    """Ends the parsing of a request."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol on httptools, within bounds.

    A head (request line, headers and trailers) has at most :data:`MAX_HEAD_BYTES`, a message
    :data:`MAX_MESSAGE_BYTES` of which the application takes what it likes, and
    :data:`MAX_PIPELINED` requests may wait behind the present one. A message is there after
    :data:`REQUEST_S` seconds, and an answer is taken within :data:`UNREAD_S`. What goes beyond is
    refused, and the connection ends. So does one too many of a process.

    The rest of a body that the application refused is read and dropped before the connection is
    closed, or the client would lose the answer with what it is still sending.
    """

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], **options: Any
    ) -> None:
        super().__init__(config, server_state, app_state, **options)
        self._status = HTTPStatus.BAD_REQUEST
        self._in_head = True
        self._message_bytes = 0
        # What the parser keeps until it finds the end of it, and what it has found of this piece.
        self._pending_bytes = 0
        self._piece_bytes = self._found_bytes = 0
        self._incomplete = True
        self._keeps_alive = True
        self._request_timer: asyncio.TimerHandle | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._used_at = 0.0
        self._served: RequestResponseCycle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, unless there are connections enough."""
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        self._used_at = self.loop.time()
        self._close_if_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop every timer, and let the request that is being served know.

        Uvicorn tells the last one that came, which may still wait behind it.
        """
        self._stop_waiting()
        if self._served is not None and not self._served.response_complete:
            self._served.disconnected = True
            self._served.message_event.set()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse; refuse what has no end."""
        self._piece_bytes, self._found_bytes = len(data), 0
        self._message_bytes += len(data)
        super().data_received(data)
        if self._found_bytes:
            self._pending_bytes = 0
        self._pending_bytes += max(0, len(data) - self._found_bytes)
        if self.transport.is_closing():
            return
        if self._pending_bytes > MAX_HEAD_BYTES and self._incomplete:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._message_bytes > MAX_MESSAGE_BYTES and self._incomplete:
            self.transport.abort()
        elif not self._incomplete:
            self._stop_waiting()
        elif self._request_timer is None:
            self._request_timer = self.loop.call_later(REQUEST_S, self._expire)

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._stop_waiting()
        self._incomplete = self._in_head = True
        self._message_bytes = self._piece_bytes

    def on_headers_complete(self) -> None:
        """Begin with the request, or queue it behind those that came before."""
        if self._pending_bytes + self._piece_bytes > MAX_HEAD_BYTES < self._head_bytes():
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise _Refused
        if len(self.pipeline) >= MAX_PIPELINED:
            raise _Refused
        self._found_bytes = self._piece_bytes
        super().on_headers_complete()
        self._in_head = False
        self._keeps_alive = self.cycle.keep_alive and not self.parser.should_upgrade()
        # Until the message is there. A client that waits for "100 Continue" sends no rest.
        self.cycle.keep_alive = not self.expect_100_continue

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._found_bytes = self._piece_bytes
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Let the connection go on, or end, as the client asked for."""
        self._incomplete = False
        self._found_bytes = self._piece_bytes
        super().on_message_complete()
        if not self.cycle.response_started:
            self.cycle.keep_alive = self._keeps_alive
        elif self.cycle.response_complete and not self._keeps_alive:
            self.transport.close()

    def on_response_complete(self) -> None:
        """Go on with the next request that waits, or begin to be idle."""
        self.server_state.total_requests += 1
        self._used_at = self.loop.time()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words, in no shape
        """Refuse what cannot be parsed, or may not go on."""
        self._refuse(self._status)

    def shutdown(self) -> None:
        """End the connection after the present answer."""
        self._keeps_alive = False
        super().shutdown()

    def pause_writing(self) -> None:
        """Begin to wait for the client to take what was sent."""
        super().pause_writing()
        self._unread_timer = self.loop.call_later(UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on sending."""
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._served = cycle
        self.tasks.add(self.loop.create_task(self._serve(cycle, app)))

    async def _serve(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # A callback of the task, as in uvicorn, would be another turn of the event loop.
        try:
            await cycle.run_asgi(WholeAnswer(app, cycle))
        finally:
            self.tasks.discard(asyncio.current_task())

    def _close_if_idle(self) -> None:
        """Close a connection without a request, and look again when it may have become idle.

        A timer for each answer, as in uvicorn, would cost a hit more than it tells.
        """
        cycle: RequestResponseCycle | None = self.cycle
        rest_s = self._used_at + self.timeout_keep_alive - self.loop.time()
        if self._request_timer is not None or (cycle is not None and not cycle.response_complete):
            rest_s = self.timeout_keep_alive
        if rest_s <= 0:
            self.transport.close()
        else:
            self._idle_timer = self.loop.call_later(rest_s, self._close_if_idle)

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _stop_waiting(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _expire(self) -> None:
        self._request_timer = None
        self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer where no other answer has begun, and close."""
        if self._may_answer():
            body = json.dumps({"detail": status.phrase}).encode()
            head = (
                f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()

    def _may_answer(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None:
            return True
        if self._in_head:
            return cycle.response_complete
        if cycle.response_started or self.pipeline:
            return False
        # The application learns that the client is gone.
        cycle.disconnected = True
        cycle.message_event.set()
        return True


def most_connections() -> int:
    """Return how many connections the descriptors of this process allow."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return min(MAX_CONNECTIONS, max(soft - RESERVED_DESCRIPTORS, soft // 2))


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
