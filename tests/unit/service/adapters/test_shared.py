"""One connection for everybody: who gets which answer, and what happens when there is none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from service.adapters.redis import client, shared
from service.adapters.redis.client import Endpoint
from service.adapters.redis.shared import (
    KEPT,
    RunBoundConnections,
    SharedConnection,
    Wire,
    incarnation,
)
from service.coherence.recovery import NotPrimary
from tests.unit.service.adapters.redis_peer import Command, Peer, echo, running_peer

LONG_S = 60.0


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine take its time to connect and to answer."""
    monkeypatch.setattr(client, "CONNECT_DEADLINE_S", LONG_S)
    monkeypatch.setattr(shared, "STUCK_S", LONG_S)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with running_peer() as peer:
        yield peer


@pytest.fixture
async def connection(peer: Peer) -> AsyncIterator[SharedConnection]:
    connection = SharedConnection(Endpoint.from_url(peer.url), lambda _: None)
    yield connection
    await connection.aclose()


def say(
    connection: SharedConnection, what: str, deadline_s: float = LONG_S
) -> "asyncio.Task[object]":
    return asyncio.ensure_future(connection.call(("SAY", what), deadline_s=deadline_s))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG_S):
        while not condition():  # noqa: ASYNC110 - the condition is on a server's side
            await asyncio.sleep(0.001)


async def test_everybody_gets_the_answer_to_their_own_question_asked_in_one_write(
    peer: Peer, connection: SharedConnection
) -> None:
    words = [str(number) for number in range(100)]
    await say(connection, "opened")
    answers = await asyncio.gather(*(say(connection, word) for word in words))

    assert answers == [word.encode() for word in words]
    assert len(peer.connections) == 1
    assert peer.reads[-1] == [[b"SAY", word.encode()] for word in words]


async def test_a_command_that_comes_alone_is_written_at_once_and_others_together() -> None:
    writes: list[int] = []

    class CountedWire(asyncio.Transport):
        def write(self, data: object) -> None:
            writes.append(bytes(cast(bytes, data)).count(b"SAY"))

    wire = Wire()
    wire.connection_made(CountedWire())

    def ask() -> None:
        wire.ask(("SAY", "x"), LONG_S)

    async def turn(commands: int) -> list[int]:
        """Return what was written by the time all were asked, and by the next turn of the loop."""
        writes.clear()
        for _ in range(commands):
            ask()
        at_once = sum(writes)
        await asyncio.sleep(0)
        return [at_once, *writes]

    def answered() -> None:
        wire.data_received(b"+OK\r\n" * len(wire._waiting))

    assert await turn(1) == [1, 1]
    answered()
    assert await turn(3) == [1, 1, 2]
    answered()
    assert await turn(3) == [0, 3]
    answered()
    # The first one alone cannot know; the one after it does.
    assert await turn(1) == [0, 1]
    answered()
    assert await turn(1) == [1, 1]


async def test_an_answer_to_a_caller_that_went_away_reaches_nobody_else(
    peer: Peer, connection: SharedConnection
) -> None:
    await say(connection, "opened")
    peer.silent = True
    gone, staying = say(connection, "gone"), say(connection, "staying")
    await until(lambda: len(peer.commands) == 4)
    gone.cancel()
    peer.speak()

    assert await staying == b"staying"
    assert gone.cancelled()
    assert await say(connection, "later") == b"later"


async def test_a_caller_that_waits_too_long_gives_up_and_the_connection_stays_right(
    peer: Peer, connection: SharedConnection
) -> None:
    await say(connection, "opened")
    peer.silent = True
    with pytest.raises(RedisTimeoutError):
        await say(connection, "late", deadline_s=0.02)
    peer.speak()

    assert await say(connection, "next") == b"next"
    assert len(peer.connections) == 1


async def test_a_connection_that_answers_nothing_is_given_up_and_made_anew(
    peer: Peer, connection: SharedConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "STUCK_S", 0.02)
    await say(connection, "opened")
    peer.silent = True
    with pytest.raises(RedisTimeoutError):
        await say(connection, "lost", deadline_s=0.02)
    await until(lambda: connection._wire is not None and connection._wire.lost)
    peer.silent = False

    assert await say(connection, "again") == b"again"
    assert len(peer.connections) == 2


async def test_when_the_server_hangs_up_everybody_hears_it_and_the_next_call_reconnects(
    peer: Peer, connection: SharedConnection
) -> None:
    await say(connection, "opened")
    peer.silent = True
    waiting = [say(connection, word) for word in "ab"]
    await until(lambda: len(peer.commands) == 4)
    peer.hang_up()
    failures = await asyncio.gather(*waiting, return_exceptions=True)
    peer.silent = False

    assert [type(failure) for failure in failures] == [RedisConnectionError] * 2
    assert await say(connection, "again") == b"again"


@pytest.mark.parametrize("noise", [b"\x00\xff what is this\r\n", b"+unasked\r\n"])
async def test_what_answers_nothing_ends_the_connection(
    noise: bytes, peer: Peer, connection: SharedConnection
) -> None:
    await say(connection, "opened")
    peer.say(noise)
    await until(lambda: connection._wire is not None and connection._wire.lost)

    assert await say(connection, "again") == b"again"


@pytest.mark.parametrize(
    ("line", "raised"),
    [("ERR unknown command", ResponseError), ("NOSCRIPT No matching script", NoScriptError)],
)
async def test_a_refusal_is_raised_and_leaves_the_connection_as_it_is(
    line: str, raised: type[Exception], peer: Peer, connection: SharedConnection
) -> None:
    await say(connection, "opened")
    peer.answer = lambda _: f"-{line}\r\n".encode()
    with pytest.raises(raised, match=line):
        await say(connection, "no")
    peer.answer = echo

    assert await say(connection, "yes") == b"yes"
    assert len(peer.connections) == 1


async def test_it_introduces_itself_before_anything_is_asked(peer: Peer) -> None:
    endpoint = Endpoint.from_url(peer.url.replace("//", "//ada:secret@").replace("/0", "/2"))
    connection = SharedConnection(endpoint, lambda _: None)
    await say(connection, "hello")
    await connection.aclose()

    assert peer.commands == [
        [b"AUTH", b"ada", b"secret"],
        [b"SELECT", b"2"],
        [b"INFO"],
        [b"SAY", b"hello"],
    ]


async def test_a_server_that_refuses_the_introduction_or_is_not_the_right_one_is_not_talked_to(
    peer: Peer,
) -> None:
    def refuse(command: Command) -> bytes:
        return b"-WRONGPASS invalid\r\n" if command[0] == b"AUTH" else echo(command)

    def not_the_one(info: object) -> None:
        raise RedisConnectionError(f"not you: {info!r}")

    peer.answer = refuse
    for url, greet, why in (
        (peer.url.replace("//", "//:wrong@"), lambda _: None, "WRONGPASS"),
        (peer.url, not_the_one, "not you"),
    ):
        connection = SharedConnection(Endpoint.from_url(url), greet)
        with pytest.raises(RedisConnectionError, match=why):
            await say(connection, "hello")

    assert [b"SAY", b"hello"] not in peer.commands


async def test_a_server_that_does_not_greet_is_given_up(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "CONNECT_DEADLINE_S", 0.05)
    peer.silent = True
    connection = SharedConnection(Endpoint.from_url(peer.url), lambda _: None)

    with pytest.raises(RedisTimeoutError):
        await say(connection, "hello")


async def test_many_callers_open_one_connection_and_one_who_leaves_spoils_it_for_nobody(
    peer: Peer, connection: SharedConnection
) -> None:
    impatient, patient = say(connection, "impatient"), say(connection, "patient")
    await asyncio.sleep(0)
    impatient.cancel()

    assert await patient == b"patient"
    assert len(peer.connections) == 1


@pytest.mark.parametrize("opened", [True, False])
async def test_closing_fails_what_is_under_way_and_an_attempt_to_connect(
    peer: Peer, connection: SharedConnection, *, opened: bool
) -> None:
    if opened:
        await say(connection, "opened")
    peer.silent = True
    waiting = say(connection, "hello")
    await until(lambda: len(peer.commands) == (3 if opened else 1))
    await connection.aclose()

    with pytest.raises(RedisConnectionError):
        await waiting


PRIMARY = {"run_id": "abc", "role": "master", "master_replid": "r1"}


@pytest.mark.parametrize("changed", ["run_id", "master_replid"])
def test_another_run_and_another_history_are_another_incarnation(changed: str) -> None:
    assert incarnation(PRIMARY | {changed: "new"}) != incarnation(PRIMARY)


@pytest.mark.parametrize("info", [{**PRIMARY, "role": "slave"}, {"role": "master"}, {}])
def test_a_replica_and_a_server_without_a_name_are_refused(info: dict[str, str]) -> None:
    with pytest.raises((NotPrimary, RedisConnectionError)):
        incarnation(info)


async def test_connections_of_long_gone_runs_are_given_up_and_others_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared, "RETIRE_AFTER_S", 0.0)
    connections = RunBoundConnections("redis://127.0.0.1:1/0")
    first = connections.to("0")
    last = [connections.to(str(number)) for number in range(KEPT + 1)][1:]
    # A late command of an older run does not displace the connections of newer ones.
    same = [connections.to(str(number)) for number in (*range(1, KEPT + 1),)]
    await asyncio.wait(connections._retired)

    assert same == last
    assert connections.to("0") is not first
    assert len(connections._bound) == KEPT
    await connections.aclose()


async def test_closing_does_not_wait_for_what_was_given_up() -> None:
    connections = RunBoundConnections("redis://127.0.0.1:1/0")
    for number in range(KEPT + 2):
        connections.to(str(number))
    await connections.aclose()

    assert not connections._retired
