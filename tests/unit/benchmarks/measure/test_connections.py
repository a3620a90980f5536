import socket

import pytest

from benchmarks.measure.connections import Answers, ConnectionClosed, LoopConnection
from benchmarks.measure.framing import BrokenAnswer
from tests.unit.benchmarks.measure.wire import HIT


def connected() -> tuple[LoopConnection, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = LoopConnection(socket.create_connection(listener.getsockname()))
        return connection, listener.accept()[0]


def received(connection: LoopConnection) -> bytes | None:
    # The bytes may still be on their way through the kernel.
    connection.socket.settimeout(5)
    return connection.receive()


@pytest.mark.parametrize(
    "pieces",
    [(HIT,), (HIT[:10], HIT[10:50], HIT[50:]), (HIT[:-1], HIT[-1:])],
    ids=["at once", "in the head", "in the body"],
)
def test_an_answer_is_whole_with_its_last_byte(pieces: tuple[bytes, ...]) -> None:
    connection, server = connected()
    heads = []

    with connection.socket, server:
        for piece in pieces:
            server.sendall(piece)
            heads.append(received(connection))

    assert heads == [None] * (len(pieces) - 1) + [HIT[: HIT.index(b"\r\n\r\n") + 2]]


def test_a_closed_connection_is_told_from_an_answer_that_is_no_http() -> None:
    connection, server = connected()
    with connection.socket:
        server.close()
        with pytest.raises(ConnectionClosed):
            received(connection)

    connection, server = connected()
    with connection.socket, server:
        server.sendall(b"SSH-2.0\r\n\r\n")
        with pytest.raises(BrokenAnswer, match=r"no HTTP/1\.1 answer") as refused:
            received(connection)
    assert not isinstance(refused.value, ConnectionClosed)


def test_only_whole_hits_count_as_hits() -> None:
    answers = Answers()

    for status in (b"todos; hit", b"todos; hit, user; fwd=miss", b"todos; hit"):
        answers.add(b"HTTP/1.1 200 OK\r\nCache-Status: " + status + b"\r\n")
    answers.add(b"HTTP/1.1 503 Oh\r\n")

    assert answers.hits == 2
    assert answers.statuses == {200: 3, 503: 1}
