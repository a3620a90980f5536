import itertools
import socket
import threading

import pytest

from benchmarks.measure.client import ClientError
from benchmarks.measure.closed_loop import Answers, ClosedLoop, LoopConnection
from tests.unit.benchmarks.measure.wire import (
    HIT,
    PATIENCE_S,
    REQUEST,
    WireService,
    answers,
    loop_on,
    requests_for,
    talking_to,
)


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


def test_only_whole_hits_count_as_hits() -> None:
    answers = Answers()

    for status in (b"todos; hit", b"todos; hit, user; fwd=miss", b"todos; hit"):
        answers.add(b"HTTP/1.1 200 OK\r\nCache-Status: " + status + b"\r\n")
    answers.add(b"HTTP/1.1 503 Oh\r\n")

    assert answers.hits == 2
    assert answers.statuses == {200: 3, 503: 1}


def test_every_connection_has_one_request_under_way() -> None:
    service = WireService(together=4)

    with loop_on(ClosedLoop, service, connections=4) as loop:
        result = loop.run(requests=40)

    assert service.most == 4
    assert (result.hits, result.statuses) == (40, {200: 40})
    assert len(result.latencies_us) == len(service.asked) == 40
    # The server of this test is a thread of the same process, so it counts as well.
    assert 0 < result.client_cores < 4


def test_requests_take_turns_and_go_on_where_the_last_run_ended() -> None:
    service = WireService()

    with loop_on(ClosedLoop, service, *requests_for("/a", "/b", "/c")) as loop:
        loop.run(requests=2)
        loop.run(requests=2)

    assert service.asked == ["/a", "/b", "/c", "/a"]


def test_fewer_requests_than_connections_are_sent_once_each() -> None:
    service = WireService()

    with loop_on(ClosedLoop, service, connections=5) as loop:
        assert len(loop.run(requests=3).latencies_us) == 3

    assert len(service.asked) == 3


def test_an_answer_after_the_time_is_over_counts_for_nothing_and_is_waited_for() -> None:
    ticks = itertools.count(0, 400_000_000)
    service = WireService()

    with loop_on(ClosedLoop, service, clock_ns=lambda: next(ticks)) as loop:
        # Asked at 0, then twice per request: sent at 0.4 s, answered at 0.8 s, sent at 1.2 s ...
        result = loop.run(seconds=1.0)

    assert list(result.latencies_us) == [400_000]
    assert result.seconds == 1.0
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"", "the connection was closed"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "no HTTP/1.1 answer with a Co"),
        (b"SSH-2.0\r\nContent-Length: 0\r\n\r\n", "no HTTP/1.1 answer"),
        (HIT + b"!", "1 bytes too many"),
    ],
)
def test_what_cannot_be_framed_is_an_error_that_names_the_address(
    answer: bytes, complaint: str
) -> None:
    with (
        talking_to(ClosedLoop, answers(answer)) as (loop, url),
        pytest.raises(ClientError, match=complaint) as refused,
    ):
        loop.run(requests=1)

    assert url in str(refused.value)


def test_a_connection_closed_after_its_last_answer_is_no_error() -> None:
    # The second connection is answered after the first was closed.
    with talking_to(ClosedLoop, answers(HIT), answers(HIT), connections=2) as (loop, _):
        assert loop.run(requests=2).hits == 2


def test_silence_is_an_error_after_the_timeout() -> None:
    over = threading.Event()

    def silent(accepted: socket.socket) -> None:
        accepted.recv(65536)
        over.wait(PATIENCE_S)

    with talking_to(ClosedLoop, silent, timeout_s=0.1) as (loop, _):
        with pytest.raises(ClientError, match=r"no answer in 0\.1 s"):
            loop.run(seconds=PATIENCE_S)
        over.set()


def test_nobody_listening_is_an_error_and_leaves_no_socket() -> None:
    with (
        pytest.raises(ClientError, match="refused"),
        ClosedLoop("http://127.0.0.1:9", [REQUEST], connections=2),
    ):
        pass
