"""An answer leaves in one write where that is safe, and as uvicorn sends it where not."""

import asyncio
import logging
from typing import Any, cast

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from service.protocol import WholeAnswer

Header = tuple[bytes, bytes]


class Written(asyncio.Transport):
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True


async def answered(
    *headers: Header, parts: tuple[bytes, ...] = (b"body",), method: str = "GET", **state: Any
) -> tuple[Written, RequestResponseCycle]:
    """Answer one request with these headers and parts of a body."""
    transport = Written()
    logger = logging.getLogger("test")
    cycle = RequestResponseCycle(
        scope=cast(Any, {"type": "http", "method": method}),
        transport=transport,
        flow=FlowControl(transport),
        logger=logger,
        access_logger=logger,
        access_log=False,
        default_headers=[(b"date", b"now")],
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=state.get("keep_alive", True),
        on_response=lambda: None,
    )

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [*headers]})
        for number, part in enumerate(parts, start=1):
            more = number < len(parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})
        if error := state.get("ends_by"):
            raise error

    await cycle.run_asgi(WholeAnswer(app, cycle))
    return transport, cycle


LENGTH = b"content-length", b"4"
PLAIN = b"HTTP/1.1 200 OK\r\ndate: now\r\ncontent-length: 4\r\n"


async def test_a_plain_answer_is_one_write() -> None:
    transport, cycle = await answered(LENGTH, (b"a", b"b"))

    assert transport.writes == [PLAIN + b"a: b\r\n\r\nbody"]
    assert cycle.response_complete
    assert not transport.closed


@pytest.mark.parametrize("evil", [b"b\r\nc: d", b"b\nc: d", b"b\rc", b"b\0c"])
async def test_a_header_cannot_begin_another_one(evil: bytes) -> None:
    transport, _ = await answered(LENGTH, (b"a", evil))

    # What uvicorn makes of it depends on its version; none of it may be the client's header.
    assert evil not in b"".join(transport.writes)


@pytest.mark.parametrize("length", [b"3", b"5"])
async def test_a_wrong_length_is_not_sent_as_if_it_was_right(length: bytes) -> None:
    transport, _ = await answered((b"content-length", length))

    assert transport.writes[0] != PLAIN + b"\r\nbody"
    assert transport.closed


@pytest.mark.parametrize(
    ("headers", "options", "sent"),
    [
        ((LENGTH,), {"method": "HEAD"}, PLAIN + b"\r\n"),
        ((LENGTH,), {"parts": (b"bo", b"dy")}, PLAIN + b"\r\nbody"),
        ((LENGTH,), {"keep_alive": False}, PLAIN + b"connection: close\r\n\r\nbody"),
        ((LENGTH, (b"connection", b"close")), {}, PLAIN + b"connection: close\r\n\r\nbody"),
    ],
)
async def test_an_answer_that_is_not_plain_is_as_uvicorn_sends_it(
    headers: tuple[Header, ...], options: dict[str, Any], sent: bytes
) -> None:
    transport, cycle = await answered(*headers, **options)

    assert b"".join(transport.writes) == sent
    assert cycle.response_complete
    assert transport.closed == (b"connection: close" in sent)


@pytest.mark.parametrize(
    ("error", "logged"), [(asyncio.CancelledError, []), (ZeroDivisionError, ["ERROR"])]
)
async def test_a_request_that_the_server_ends_as_it_goes_down_is_no_error_and_one_that_fails_is(
    error: type[BaseException], logged: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    transport, _ = await answered(LENGTH, ends_by=error)

    assert transport.writes == [PLAIN + b"\r\nbody"]
    assert [record.levelname for record in caplog.records] == logged
