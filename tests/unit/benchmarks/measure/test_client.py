import contextlib
import signal
import socket
import threading
from collections.abc import Iterator

import pytest

from benchmarks.measure.client import ClientError, Connection
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


def test_one_connection_serves_many_requests() -> None:
    def twice(accepted: socket.socket) -> None:
        answers(OK)(accepted)
        answers(OK)(accepted)

    with connected(twice) as (connection, request):
        assert [connection.send(request).body for _ in range(2)] == [b"ok", b"ok"]


def test_a_request_carries_its_headers_and_body() -> None:
    seen = []

    def keep(accepted: socket.socket) -> None:
        seen.append(accepted.recv(65536))
        accepted.sendall(OK)

    with connected(keep) as (connection, _):
        connection.send(connection.prepare("POST", "/x", headers={"A": "b"}, body=b"{}"))

    head, _, body = seen[0].partition(b"\r\n\r\n")
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


@pytest.mark.parametrize(
    ("pieces", "complaint"),
    [((), "closed without an answer"), ((OK[:-1],), "closed in the middle of an answer")],
)
def test_a_request_without_a_whole_answer_is_an_error_and_not_sent_again(
    pieces: tuple[bytes, ...], complaint: str
) -> None:
    # The server would not accept a second connection.
    with (
        connected(answers(*pieces)) as (connection, request),
        pytest.raises(ClientError, match=complaint),
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


def test_after_an_interrupt_no_half_answer_is_left_for_the_next_request() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def half_then_interrupt(accepted: socket.socket) -> None:
        accepted.recv(65536)
        accepted.sendall(OK[:20])
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
        # A close with bytes unread is a reset; only a client that reuses the connection sends more.
        with contextlib.suppress(ConnectionResetError):
            if accepted.recv(65536):
                accepted.sendall(OK[20:])

    previous = signal.signal(signal.SIGUSR1, interrupt)
    other = OK.replace(b"ok", b"no")
    try:
        with connected(half_then_interrupt, answers(other)) as (connection, request):
            with pytest.raises(KeyboardInterrupt):
                connection.send(request)

            assert connection.send(request).body == b"no"
    finally:
        signal.signal(signal.SIGUSR1, previous)


@pytest.mark.parametrize("url", ["https://x/", "ftp://x/", "nonsense"])
def test_only_plain_http_is_spoken(url: str) -> None:
    with pytest.raises(ValueError, match="not an http:// address"):
        Connection(url)
