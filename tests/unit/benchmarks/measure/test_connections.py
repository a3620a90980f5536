import socket

import pytest

from benchmarks.measure.connections import Answers, ConnectionClosed, LoopConnection
from benchmarks.measure.framing import BrokenAnswer

HIT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Status: todos; hit, user; hit\r\n\r\nok"


def connected() -> tuple[LoopConnection, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        lane = LoopConnection(socket.create_connection(listener.getsockname()))
        return lane, listener.accept()[0]


def received(lane: LoopConnection) -> bytes | None:
    # The bytes may still be on their way through the kernel.
    lane.socket.settimeout(5)
    return lane.receive()


def test_an_answer_is_whole_with_its_last_byte() -> None:
    lane, server = connected()

    with lane.socket, server:
        server.sendall(HIT[:-1])
        part = received(lane)
        server.sendall(HIT[-1:])
        head = received(lane)

    assert part is None
    assert head == HIT[: HIT.index(b"\r\n\r\n") + 2]


def test_a_closed_connection_is_told_from_an_answer_that_is_no_http() -> None:
    lane, server = connected()
    with lane.socket:
        server.close()
        with pytest.raises(ConnectionClosed):
            received(lane)

    lane, server = connected()
    with lane.socket, server:
        server.sendall(b"SSH-2.0\r\n\r\n")
        with pytest.raises(BrokenAnswer, match=r"no HTTP/1\.1 answer") as refused:
            received(lane)
    assert not isinstance(refused.value, ConnectionClosed)


def test_only_whole_hits_count_as_hits() -> None:
    answers = Answers()

    for status in (b"todos; hit", b"todos; hit, user; fwd=miss", b"todos; hit"):
        answers.add(b"HTTP/1.1 200 OK\r\nCache-Status: " + status + b"\r\n")
    answers.add(b"HTTP/1.1 503 Oh\r\n")

    assert answers.hits == 2
    assert answers.statuses == {200: 3, 503: 1}
