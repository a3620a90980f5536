import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from benchmarks.measure.client import (
    BrokenAnswer,
    ClientError,
    Connection,
    outcome_of,
    read_answer,
    timings_of,
)
from tests.unit.benchmarks.measure.wire import OK, Conversation, answers, server


@contextlib.contextmanager
def connected(*conversations: Conversation) -> Iterator[tuple[Connection, bytes]]:
    """Yield a connection to a server with these conversations, and a request."""
    with server(*conversations) as url, Connection(url) as connection:
        yield connection, connection.prepare("GET", "/")


def test_an_answer_comes_with_its_status_headers_body_and_the_time_from_send_to_last_byte() -> None:
    # Connecting is not in it.
    ticks = iter([100, 350])
    with server(answers(OK)) as url, Connection(url, clock_ns=lambda: next(ticks)) as connection:
        response = connection.send(connection.prepare("GET", "/"))

    assert (response.status, response.body) == (200, b"ok")
    assert response.headers["cache-status"] == "todos; hit"
    assert (response.start_ns, response.duration_ns) == (100, 250)


def test_one_connection_serves_many_requests_and_sends_their_headers_and_bodies() -> None:
    seen = []

    def twice(accepted: socket.socket) -> None:
        for _ in range(2):
            seen.append(accepted.recv(65536))
            accepted.sendall(OK)

    with connected(twice) as (connection, request):
        connection.send(request)
        posted = connection.prepare("POST", "/x", headers={"A": "b"}, body=b"{}")
        assert connection.send(posted).body == b"ok"

    head, _, body = seen[1].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /x HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nA: b\r\nContent-Length: 2" in head
    assert body == b"{}"


def test_a_connection_closed_while_idle_is_opened_again() -> None:
    closed = threading.Event()

    def once(accepted: socket.socket) -> None:
        answers(OK)(accepted)
        accepted.shutdown(socket.SHUT_RDWR)
        closed.set()

    with connected(once, answers(OK)) as (connection, request):
        connection.send(request)
        closed.wait(5)

        assert connection.send(request).body == b"ok"


def test_an_answer_that_says_close_makes_the_next_request_reconnect() -> None:
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with connected(answers(closing), answers(OK)) as (connection, request):
        connection.send(request)

        assert connection.send(request).status == 200


def test_a_request_without_a_whole_answer_is_an_error_and_not_sent_again() -> None:
    # The server would not accept a second connection.
    with (
        connected(answers(OK[:-1])) as (connection, request),
        pytest.raises(ClientError, match="closed in the middle of an answer"),
    ):
        connection.send(request)


def test_a_server_that_stays_silent_is_given_up_with_its_address() -> None:
    done = threading.Event()

    def silent(accepted: socket.socket) -> None:
        accepted.recv(65536)
        done.wait(60)

    with server(silent) as url, Connection(url, timeout_s=0.05) as connection:
        with pytest.raises(ClientError, match=rf"{url}: no answer in 0\.05 s"):
            connection.send(connection.prepare("GET", "/"))
        done.set()


def test_a_refused_connection_names_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    connection = Connection(f"http://127.0.0.1:{port}")
    with pytest.raises(ClientError, match=f"127.0.0.1:{port}: .*refused"):
        connection.send(connection.prepare("GET", "/"))


def test_an_answer_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    def endless(accepted: socket.socket) -> None:
        accepted.recv(65536)
        accepted.sendall(head)
        with contextlib.suppress(OSError):
            while True:
                accepted.sendall(b"4\r\nmore\r\n")

    monkeypatch.setattr("benchmarks.measure.client.LARGEST_BYTES", 1000)
    too_large = pytest.raises(ClientError, match="longer than 1000 bytes")
    with connected(endless) as (connection, request), too_large:
        connection.send(request)
    monkeypatch.undo()
    monkeypatch.setattr("benchmarks.measure.client.LONGEST_S", 0.05)
    too_long = pytest.raises(ClientError, match=r"has no end: it went on for 0\.05 s")
    with connected(endless) as (connection, request), too_long:
        connection.send(request)


def test_an_answer_to_head_has_no_body_whatever_its_length_says() -> None:
    def heads(accepted: socket.socket) -> None:
        for _ in range(2):
            accepted.recv(65536)
            accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")

    with connected(heads) as (connection, _):
        request = connection.prepare("HEAD", "/")
        assert [connection.send(request).body for _ in range(2)] == [b"", b""]


def closing_late(accepted: socket.socket) -> None:
    """Answer once, then close in the moment in which the next request is sent."""
    accepted.recv(65536)
    accepted.sendall(OK)
    accepted.recv(65536)


def test_a_request_that_changes_nothing_is_sent_again_where_the_server_closed_meanwhile() -> None:
    with connected(closing_late, answers(OK)) as (connection, request):
        assert [connection.send(request).body for _ in range(2)] == [b"ok", b"ok"]


def test_a_write_is_never_sent_again() -> None:
    with connected(closing_late) as (connection, request):
        connection.send(request)
        with pytest.raises(ClientError, match="closed without an answer"):
            connection.send(connection.prepare("POST", "/"))


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/\xfc", {}),
        ("GET", "/a b", {}),
        ("GET", "items", {}),
        ("GET", "/ HTTP/1.1\r\nX: y", {}),
        ("get", "/", {}),
        ("GET", "/", {"X": "a\r\nY: b"}),
        ("GET", "/", {"X": "\xfc"}),
        ("GET", "/", {"X Y": "z"}),
    ],
)
def test_what_would_be_another_request_is_refused(
    method: str, path: str, headers: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"is no|more than one line|not ASCII"):
        Connection("http://127.0.0.1").prepare(method, path, headers=headers)


CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4\r\nwiki\r\n6;x=y\r\npedia!\r\n0\r\nTrailer: x\r\n\r\n"
)
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def pieces(data: bytes, size: int) -> Callable[[], bytes]:
    cut = iter([data[start : start + size] for start in range(0, len(data), size)])
    return lambda: next(cut, b"")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(("data", "body"), [(PLAIN, b"hello"), (CHUNKED, b"wikipedia!")])
def test_an_answer_is_read_whole_however_it_is_cut(size: int, data: bytes, body: bytes) -> None:
    answer = read_answer(pieces(data, size))

    assert (answer.status, answer.body, answer.keeps_alive) == (200, body, True)


@pytest.mark.parametrize(
    ("data", "body", "keeps_alive"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nall of it", b"all of it", False),
        (b"HTTP/1.1 204 X\r\n\r\n", b"", True),
        (b"HTTP/1.1 304 X\r\n\r\n", b"", True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, b"hello", True),
        (PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), b"hello", False),
        (PLAIN.replace(b"\r\n\r\n", b"\r\nconnection: Close\r\n\r\n"), b"hello", False),
        (PLAIN.replace(b"1.1", b"1.0"), b"hello", False),
    ],
    ids=["no length", "204", "304", "an interim answer", "close", "Close", "HTTP/1.0"],
)
def test_where_the_body_ends_and_whether_the_connection_stays_follow_from_the_head(
    data: bytes, body: bytes, *, keeps_alive: bool
) -> None:
    answer = read_answer(pieces(data, 9))

    assert (answer.body, answer.keeps_alive) == (body, keeps_alive)


def test_header_names_are_lower_case_and_repeated_ones_are_joined() -> None:
    data = PLAIN.replace(b"\r\n\r\n", b"\r\nX-A: 1\r\nx-a:2\r\n\r\n")

    assert read_answer(pieces(data, 99)).headers["x-a"] == "1, 2"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "without an answer"),
        (PLAIN[:-1], "in the middle"),
        (PLAIN + b"!", "1 bytes too many"),
        (b"SSH-2.0\r\n\r\n", "not HTTP/1.1"),
        (b"HTTP/1.1 abc\r\n\r\n", "the status is 'abc'"),
        (PLAIN.replace(b"5", b"-5"), "the header Content-Length is '-5'"),
        (CHUNKED.replace(b"4\r\n", b"3\r\n"), "a chunk is longer"),
        (CHUNKED.replace(b"4\r\n", b"z\r\n"), "the size of a chunk is 'z'"),
    ],
)
def test_a_broken_answer_is_refused_with_what_is_wrong(data: bytes, complaint: str) -> None:
    with pytest.raises((BrokenAnswer, ConnectionResetError), match=complaint):
        read_answer(pieces(data, 999))


@pytest.mark.parametrize(
    ("header", "outcome"),
    [
        ("todos; hit, user; hit", "hit"),
        ("todos;hit;ttl=30,user;hit", "hit"),
        ("todos; hit", "hit"),
        ("todos; fwd=miss, user; fwd=miss", "miss"),
        ("todos; fwd=miss; detail=invalidated, user; fwd=miss", "miss"),
        ("todos; fwd=stale, user; fwd=miss", "miss"),
        ("todos; fwd=miss, user; hit", "partial"),
        ("todos; fwd=bypass; detail=off, user; fwd=bypass; detail=off", "bypass"),
        ("todos; fwd=bypass; detail=unavailable, user; hit", "partial"),
        ("todos", "unknown"),
        ("todos; hit, user", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_outcome_of_an_answer_comes_from_all_its_slots(
    header: str | None, outcome: str
) -> None:
    assert outcome_of(header) == outcome


@pytest.mark.parametrize(
    ("header", "timings"),
    [
        ("cache;dur=0.41, db;dur=1.20, app;dur=2.10", {"cache": 0.41, "db": 1.2, "app": 2.1}),
        ('db; desc="two finds"; dur=3', {"db": 3.0}),
        ("miss, db;dur=x, app;dur=1", {"app": 1.0}),
        (None, {}),
    ],
)
def test_durations_are_read_by_name(header: str | None, timings: dict[str, float]) -> None:
    assert timings_of(header) == timings
