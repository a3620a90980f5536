import itertools
import socket
import threading
import time

import pytest

from benchmarks.measure.client import ClientError
from benchmarks.measure.closed_loop import ClosedLoop
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.unit.benchmarks.measure.test_client import answers, server

REQUEST = b"GET /todo/ HTTP/1.1\r\nHost: h\r\n\r\n"
HIT = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncache-status: todos; hit, user; hit\r\n\r\nok"
MISS = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nCache-Status: todos; fwd=miss\r\n\r\n"
PATIENCE_S = 60.0


class Counting:
    """Answers as many requests at a time as come ``together``, and knows what was asked."""

    def __init__(self, *, together: int = 1) -> None:
        self._all_here = threading.Barrier(together, timeout=PATIENCE_S)
        self.asked: list[str] = []
        self.most = 0
        self._busy = 0
        self._lock = threading.Lock()

    def answer(
        self, _method: str, path: str, _token: str, _body: object
    ) -> tuple[int, bytes, dict[str, str]]:
        with self._lock:
            self.asked.append(path)
            self._busy += 1
            self.most = max(self.most, self._busy)
        self._all_here.wait()
        with self._lock:
            self._busy -= 1
        return 200, b"ok", {"Cache-Status": "todos; hit"}


def requests_for(*paths: str) -> list[bytes]:
    return [f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode() for path in paths]


def test_every_connection_has_one_request_under_way() -> None:
    service = Counting(together=4)

    with (
        listening(handler_for(service)) as running,
        ClosedLoop(running.url, [REQUEST], connections=4) as loop,
    ):
        result = loop.run(requests=40)

    assert service.most == 4
    assert len(result.latencies_us) == len(service.asked) == 40


def test_requests_take_turns_and_go_on_where_the_last_run_ended() -> None:
    service = Counting()

    with (
        listening(handler_for(service)) as running,
        ClosedLoop(running.url, requests_for("/a", "/b", "/c"), connections=1) as loop,
    ):
        loop.run(requests=2)
        loop.run(requests=2)

    assert service.asked == ["/a", "/b", "/c", "/a"]


def test_fewer_requests_than_connections_are_sent_once_each() -> None:
    service = Counting()

    with (
        listening(handler_for(service)) as running,
        ClosedLoop(running.url, [REQUEST], connections=5) as loop,
    ):
        assert len(loop.run(requests=3).latencies_us) == 3

    assert len(service.asked) == 3


def test_an_answer_after_the_time_is_over_counts_for_nothing_and_is_waited_for() -> None:
    ticks = itertools.count(0, 400_000_000)
    service = Counting()

    with (
        listening(handler_for(service)) as running,
        ClosedLoop(running.url, [REQUEST], connections=1, clock_ns=lambda: next(ticks)) as loop,
    ):
        # Asked at 0, then twice per request: sent at 0.4 s, answered at 0.8 s, sent at 1.2 s ...
        result = loop.run(seconds=1.0)

    assert list(result.latencies_us) == [400_000]
    assert result.seconds == 1.0
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "pieces",
    [(HIT,), (HIT[:10], HIT[10:50], HIT[50:]), (HIT[:-1], HIT[-1:])],
    ids=["at once", "in the head", "in the body"],
)
def test_an_answer_may_come_in_pieces(pieces: tuple[bytes, ...]) -> None:
    def script(accepted: socket.socket) -> None:
        accepted.recv(65536)
        for piece in pieces:
            accepted.sendall(piece)
            # So that the kernel does not hand them over as one.
            time.sleep(0.02)

    with server(script) as url, ClosedLoop(url, [REQUEST], connections=1) as loop:
        result = loop.run(requests=1)

    assert (result.hits, result.statuses) == (1, {200: 1})


def test_statuses_and_misses_are_counted() -> None:
    with (
        server(answers(MISS), answers(HIT)) as url,
        ClosedLoop(url, [REQUEST], connections=2) as loop,
    ):
        result = loop.run(requests=2)

    assert (result.hits, result.statuses) == (1, {500: 1, 200: 1})


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
        server(answers(answer)) as url,
        ClosedLoop(url, [REQUEST], connections=1) as loop,
        pytest.raises(ClientError, match=complaint) as refused,
    ):
        loop.run(requests=1)

    assert url in str(refused.value)


def test_a_connection_closed_after_its_last_answer_is_no_error() -> None:
    # The second connection is answered after the first was closed.
    with (
        server(answers(HIT), answers(HIT)) as url,
        ClosedLoop(url, [REQUEST], connections=2) as loop,
    ):
        assert loop.run(requests=2).hits == 2


def test_silence_is_an_error_after_the_timeout() -> None:
    silent = threading.Event()

    def script(accepted: socket.socket) -> None:
        accepted.recv(65536)
        silent.wait(PATIENCE_S)

    with server(script) as url:
        with (
            ClosedLoop(url, [REQUEST], connections=1, timeout_s=0.1) as loop,
            pytest.raises(ClientError, match=r"no answer in 0\.1 s"),
        ):
            loop.run(seconds=PATIENCE_S)
        silent.set()


def test_nobody_listening_is_an_error_and_leaves_no_socket() -> None:
    with (
        pytest.raises(ClientError, match="refused"),
        ClosedLoop("http://127.0.0.1:9", [REQUEST], connections=2),
    ):
        pass


def test_the_client_s_own_share_of_a_core_is_measured() -> None:
    with (
        listening(handler_for(Counting())) as running,
        ClosedLoop(running.url, [REQUEST], connections=1) as loop,
    ):
        result = loop.run(requests=5)

    # The server of this test is a thread of the same process, so it counts as well.
    assert 0 < result.client_cores < 4
