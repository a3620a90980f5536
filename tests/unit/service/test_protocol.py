"""A connection that a stranger opens, over real sockets and an application of a few lines."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from service import protocol
from service.protocol import MAX_HEAD_BYTES, MAX_PIPELINED, BoundedProtocol, most_connections

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST /%b HTTP/1.1\r\nhost: x\r\n%b\r\n"
Small = Callable[[str, float], None]


@dataclass
class ProtocolServer:
    """A server of :class:`BoundedProtocol`, and what its application was asked for."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    state: ServerState = field(default_factory=ServerState)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 at once on /large, else 200 with the size of the body, on /held when told.

        On /left wait for the client to go.
        """
        status, body = 413, b""
        if scope["path"] != "/large":
            status, more = 200, True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                body += message["body"]
                more = message["more_body"]
            self.bodies.append(body)
            self.arrived.set()
        if scope["path"] == "/held":
            await self.may_answer.wait()
        if scope["path"] == "/left":
            await receive()
            self.left.set()
        size = b"%d" % len(body)
        headers = [(b"content-length", b"%d" % len(size))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": size})

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["Stranger"]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Stranger(reader, writer)
        finally:
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()


@dataclass
class Stranger:
    """The other end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        with suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def answers(self) -> list[int]:
        """Return the statuses of all answers until the server closes the connection."""
        async with asyncio.timeout(60):
            try:
                text = await self.reader.read()
            except ConnectionError:
                return []
        return [int(each) for each in re.findall(rb"HTTP/1.1 (\d+)", text)]

    async def answer(self) -> int:
        """Return the status of the next answer, whose body is one byte or more."""
        async with asyncio.timeout(60):
            head = await self.reader.readuntil(b"\r\n\r\n")
            size = int(re.findall(rb"content-length: (\d+)", head)[0])
            await self.reader.readexactly(size)
        return int(head.split()[1])


@pytest.fixture
async def server() -> AsyncIterator[ProtocolServer]:
    server = ProtocolServer()
    config = Config(server, log_config=None, access_log=False, ws="none", timeout_keep_alive=60)
    listening = await asyncio.get_running_loop().create_server(
        lambda: BoundedProtocol(config, server.state, {}), "127.0.0.1", 0
    )
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()
    for connection in list(server.state.connections):
        connection.transport.abort()
    await asyncio.sleep(0)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Small:
    """Return a function that makes a bound small enough to be reached."""
    return lambda name, value: monkeypatch.setattr(protocol, name, value)


async def test_requests_are_answered_one_after_the_other_on_one_connection(
    server: ProtocolServer,
) -> None:
    async with server.connection() as stranger:
        await stranger.send(GET + POST % (b"", b"content-length: 5\r\n") + b"12345")
        await stranger.send(POST % (b"", b"transfer-encoding: chunked\r\n"))
        await stranger.send(b"3\r\nabc\r\n2\r\nde\r\n0\r\ntrailer: x\r\n\r\n" + GET)

        assert [await stranger.answer() for _ in range(4)] == [200] * 4
    assert server.bodies == [b"", b"12345", b"abcde", b""]


@pytest.mark.parametrize("endless", [b"a: b\r\n", b"x"], ids=["many", "one"])
@pytest.mark.parametrize(
    "begun",
    [GET[:-2], POST % (b"", b"transfer-encoding: chunked\r\n") + b"1\r\na\r\n0\r\n"],
    ids=["headers", "trailers"],
)
async def test_headers_and_trailers_without_an_end_are_refused(
    server: ProtocolServer, begun: bytes, endless: bytes
) -> None:
    async with server.connection() as stranger:
        await stranger.send(begun)
        for _ in range(40 * MAX_HEAD_BYTES // 1000):
            await stranger.send(endless * 1000)

        assert await stranger.answers() in ([431], [])
    assert server.bodies == []


async def test_a_head_of_just_the_bytes_that_it_may_have_is_taken(server: ProtocolServer) -> None:
    rest = MAX_HEAD_BYTES - len("/host: x\r\nbig: \r\n")
    for excess, answer in ((0, 200), (1, 431)):
        async with server.connection() as stranger:
            head = b"GET / HTTP/1.1\r\nhost: x\r\nbig: " + b"x" * (rest + excess)
            # In one piece: what comes in several may be refused a piece earlier.
            await stranger.send(head + b"\r\n\r\n")

            assert await stranger.answer() == answer


async def test_requests_that_are_sent_and_whose_answers_are_not_waited_for_do_not_pile_up(
    server: ProtocolServer,
) -> None:
    async with server.connection() as stranger:
        await stranger.send(POST % (b"held", b"content-length: 0\r\n") + GET * (MAX_PIPELINED + 1))
        statuses = await stranger.answers()
        server.may_answer.set()
    async with server.connection() as stranger:
        await stranger.send(GET * MAX_PIPELINED)
        taken = [await stranger.answer() for _ in range(MAX_PIPELINED)]

    assert statuses == []
    assert len(server.bodies) <= 1 + MAX_PIPELINED
    assert taken == [200] * MAX_PIPELINED


@pytest.mark.parametrize(
    ("part", "answers"),
    [
        (b"GET / HT", [408]),
        (GET + b"GET / HT", [200, 408]),
        (b"GET / HTTP/1.1\r\nhost: x\r\n", [408]),
        (POST % (b"", b"content-length: 5\r\n") + b"1234", [408]),
        (POST % (b"large", b"content-length: 5\r\n") + b"1234", [413]),
    ],
)
async def test_a_request_that_is_not_there_in_time_is_given_up(
    server: ProtocolServer, small: Small, part: bytes, answers: list[int]
) -> None:
    small("REQUEST_S", 0.2)
    async with server.connection() as stranger:
        await stranger.send(part)

        assert await stranger.answers() == answers


async def test_a_connection_is_closed_when_it_was_idle_for_long_and_not_while_it_is_in_use(
    server: ProtocolServer,
) -> None:
    async with server.connection() as stranger:
        await stranger.send(b"GET /held HTTP/1.1\r\nhost: x\r\n\r\n")
        await server.arrived.wait()
        [found] = server.state.connections
        connection = cast(BoundedProtocol, found)
        connection._used_at -= connection.timeout_keep_alive
        connection._close_if_idle()
        assert not connection.transport.is_closing()
        server.may_answer.set()
        assert await stranger.answer() == 200
        await stranger.send(GET[:-2])
        while connection._request_timer is None:  # noqa: ASYNC110 - what is waited for is a read
            await asyncio.sleep(0)
        connection._used_at -= connection.timeout_keep_alive
        connection._close_if_idle()
        await stranger.send(GET[-2:])
        assert await stranger.answer() == 200
        connection._close_if_idle()
        assert not connection.transport.is_closing()
        connection._used_at -= connection.timeout_keep_alive
        connection._close_if_idle()

        assert await stranger.answers() == []


async def test_an_answer_that_nobody_takes_ends_the_connection(
    server: ProtocolServer, small: Small
) -> None:
    small("UNREAD_S", 0.0)
    async with server.connection() as stranger:
        await stranger.send(GET)
        await stranger.answer()
        [connection] = server.state.connections
        connection.pause_writing()

        assert await stranger.answers() == []


async def test_a_request_learns_that_its_client_went_also_while_others_wait_behind_it(
    server: ProtocolServer,
) -> None:
    async with server.connection() as stranger:
        await stranger.send(POST % (b"left", b"content-length: 0\r\n") + GET)
        await server.arrived.wait()

    async with asyncio.timeout(5):
        await server.left.wait()


async def test_one_connection_too_many_is_told_to_come_later(
    server: ProtocolServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "most_connections", lambda: 1)
    async with server.connection() as first, server.connection() as second:
        refused = await second.answers()
        await first.send(GET)

        assert refused == [503]
        assert await first.answer() == 200


@pytest.mark.parametrize(("soft", "most"), [(256, 128), (1024, 768), (10**6, 10_000), (-1, 10_000)])
def test_connections_leave_descriptors_for_the_rest(
    soft: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (soft, soft))

    assert most_connections() == most


@pytest.mark.parametrize("closing", [b"", b"connection: close\r\n"])
async def test_a_client_that_is_still_sending_gets_the_refusal_of_its_body(
    server: ProtocolServer, closing: bytes
) -> None:
    size = 1024 * 1024
    async with server.connection() as stranger:
        await stranger.send(POST % (b"large", closing + b"content-length: %d\r\n" % size))
        answer = await stranger.answer()
        # Neither is a pipe broken.
        await stranger.send(b"x" * size)
        if closing:
            assert await stranger.answers() == []
        else:
            await stranger.send(GET)
            assert await stranger.answer() == 200

    assert answer == 413


async def test_the_rest_of_a_refused_body_is_not_taken_for_ever(
    server: ProtocolServer, small: Small
) -> None:
    small("MAX_MESSAGE_BYTES", 1000)
    async with server.connection() as stranger:
        await stranger.send(POST % (b"large", b"content-length: 100000000\r\n") + b"x" * 100_000)

        assert await stranger.answers() in ([413], [])


async def test_who_waits_to_be_told_to_go_on_and_is_refused_is_disconnected(
    server: ProtocolServer,
) -> None:
    expecting = b"expect: 100-continue\r\ncontent-length: 5\r\n"
    async with server.connection() as stranger:
        await stranger.send(POST % (b"large", expecting))
        refused = await stranger.answers()
    async with server.connection() as stranger:
        await stranger.send(POST % (b"", expecting))
        told = await stranger.reader.readuntil(b"\r\n\r\n")
        await stranger.send(b"12345" + GET)
        taken = [await stranger.answer() for _ in range(2)]

    assert refused == [413]
    assert told.startswith(b"HTTP/1.1 100")
    assert taken == [200, 200]


async def test_an_upgrade_is_answered_as_if_it_was_none(server: ProtocolServer) -> None:
    upgrade = b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    async with server.connection() as stranger:
        await stranger.send(b"GET /?token=secret HTTP/1.1\r\nhost: x\r\n" + upgrade + b"\r\n")

        assert await stranger.answers() == [200]


async def test_a_server_that_ends_waits_for_the_present_answer_only(server: ProtocolServer) -> None:
    async with server.connection() as busy, server.connection() as idle:
        await busy.send(POST % (b"held", b"content-length: 0\r\n"))
        await server.arrived.wait()
        for connection in list(server.state.connections):
            connection.shutdown()
        server.may_answer.set()

        assert await busy.answers() == [200]
        assert await idle.answers() == []
