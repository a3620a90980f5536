import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from benchmarks.measure.client import ClientError, Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Status: todos; hit\r\n\r\nok"
Script = Callable[[socket.socket], None]


@contextmanager
def server(*connections: Script) -> Iterator[str]:
    """Accept one connection per script and let the script have it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        for script in connections:
            accepted, _ = listener.accept()
            with accepted:
                script(accepted)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join()
        listener.close()


def answers(*pieces: bytes) -> Script:
    """Read one request, then send the pieces one by one."""

    def script(accepted: socket.socket) -> None:
        accepted.recv(65536)
        for piece in pieces:
            accepted.sendall(piece)

    return script


def test_an_answer_comes_with_its_status_headers_and_body() -> None:
    with server(answers(OK)) as url, Connection(url) as connection:
        response = connection.send(connection.prepare("GET", "/"))

    assert (response.status, response.body) == (200, b"ok")
    assert response.headers["cache-status"] == "todos; hit"


def test_time_runs_from_the_send_to_the_last_byte_and_not_while_connecting() -> None:
    ticks = iter([100, 350])
    with server(answers(OK)) as url, Connection(url, clock_ns=lambda: next(ticks)) as connection:
        response = connection.send(connection.prepare("GET", "/"))

    assert (response.start_ns, response.duration_ns) == (100, 250)


def test_one_connection_serves_many_requests() -> None:
    def twice(accepted: socket.socket) -> None:
        answers(OK)(accepted)
        answers(OK)(accepted)

    with server(twice) as url, Connection(url) as connection:
        request = connection.prepare("GET", "/")
        bodies = [connection.send(request).body for _ in range(2)]

    assert bodies == [b"ok", b"ok"]


def test_a_request_carries_its_headers_and_body() -> None:
    seen = []

    def keep(accepted: socket.socket) -> None:
        seen.append(accepted.recv(65536))
        accepted.sendall(OK)

    with server(keep) as url, Connection(url) as connection:
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

    with server(once, answers(OK)) as url, Connection(url) as connection:
        request = connection.prepare("GET", "/")
        connection.send(request)
        closed.wait(5)
        response = connection.send(request)

    assert response.body == b"ok"


def test_an_answer_that_says_close_makes_the_next_request_reconnect() -> None:
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with server(answers(closing), answers(OK)) as url, Connection(url) as connection:
        request = connection.prepare("GET", "/")
        connection.send(request)

        assert connection.send(request).status == 200


def test_a_request_that_was_sent_is_not_sent_again() -> None:
    requests = []

    def hang_up(accepted: socket.socket) -> None:
        requests.append(accepted.recv(65536))

    with (
        server(hang_up) as url,
        Connection(url) as connection,
        pytest.raises(ClientError, match="closed without an answer"),
    ):
        connection.send(connection.prepare("GET", "/"))

    assert len(requests) == 1


def test_an_answer_cut_short_is_an_error() -> None:
    with (
        server(answers(OK[:-1])) as url,
        Connection(url) as connection,
        pytest.raises(ClientError, match="closed in the middle of an answer"),
    ):
        connection.send(connection.prepare("GET", "/"))


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
        with server(half_then_interrupt, answers(other)) as url, Connection(url) as connection:
            request = connection.prepare("GET", "/")
            with pytest.raises(KeyboardInterrupt):
                connection.send(request)

            assert connection.send(request).body == b"no"
    finally:
        signal.signal(signal.SIGUSR1, previous)


@pytest.mark.parametrize("url", ["https://x/", "ftp://x/", "nonsense"])
def test_only_plain_http_is_spoken(url: str) -> None:
    with pytest.raises(ValueError, match="not an http:// address"):
        Connection(url)
