"""The fault proxy does to a connection what its mode says, and nothing else."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.stack.errors import StackError
from benchmarks.stack.ports import HOST
from benchmarks.stack.proxy import FaultProxy, start_proxy
from benchmarks.stack.relay import RelayMode
from tests.unit.benchmarks.stack.waiting import eventually, is_gone

SOON_S = 0.2
LARGE = 8 * 1024 * 1024


class Echo(threading.Thread):
    """A server that remembers what it got and sends it back."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.received = b""
        self.closed = 0
        self._door = socket.create_server((HOST, 0))
        self.url = f"redis://:secret@{HOST}:{self._door.getsockname()[1]}/3"

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    self.received += data
                    connection.sendall(data)
            except OSError:
                pass
        self.closed += 1

    def end(self) -> None:
        with contextlib.suppress(OSError):  # it was ended already
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    server.start()
    yield server
    server.end()
    server.join()


@pytest.fixture
def proxy(echo: Echo, tmp_path: Path) -> Iterator[FaultProxy]:
    with start_proxy(echo.url, log=tmp_path / "log") as proxy:
        yield proxy


def port_of(proxy: FaultProxy) -> int:
    return int(proxy.url.rpartition(":")[2].removesuffix("/3"))


def connect(proxy: FaultProxy, timeout_s: float = 5.0) -> socket.socket:
    return socket.create_connection((HOST, port_of(proxy)), timeout_s)


def exchange(client: socket.socket, data: bytes) -> bytes:
    """Send bytes and return as many."""
    client.sendall(data)
    answer = b""
    while len(answer) < len(data) and (more := client.recv(65536)):
        answer += more
    return answer


def is_silent(client: socket.socket) -> bool:
    client.settimeout(SOON_S)
    try:
        return not client.recv(1)
    except TimeoutError:
        return True
    finally:
        client.settimeout(5.0)


def test_it_passes_everything_on_and_keeps_the_rest_of_the_url(proxy: FaultProxy) -> None:
    with connect(proxy) as client:
        assert exchange(client, b"one") == b"one"
        assert exchange(client, b"two") == b"two"

    assert proxy.url == f"redis://:secret@{HOST}:{port_of(proxy)}/3"
    assert eventually(lambda: proxy.state().connections == 0)


def test_large_transfers_arrive_whole(proxy: FaultProxy) -> None:
    data = bytes(range(256)) * (LARGE // 256)
    with connect(proxy) as client:
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        answer = bytearray()
        while len(answer) < LARGE:
            answer += client.recv(65536)
        sender.join()

    assert bytes(answer) == data


def test_a_delay_is_added_each_way(proxy: FaultProxy) -> None:
    proxy.switch(RelayMode.DELAY, delay_ms=50)
    with connect(proxy) as client:
        started_s = time.monotonic()
        answer = exchange(client, b"slow")
        took_s = time.monotonic() - started_s

    assert answer == b"slow"
    assert took_s >= 0.1


def test_a_shorter_delay_overtakes_nothing(proxy: FaultProxy, echo: Echo) -> None:
    with connect(proxy) as client:
        assert exchange(client, b"0") == b"0"
        proxy.switch(RelayMode.DELAY, delay_ms=300)
        client.sendall(b"1")
        assert eventually(lambda: proxy.state().held_bytes == 1)
        proxy.switch(RelayMode.NORMAL)
        client.sendall(b"2")

        assert client.recv(2, socket.MSG_WAITALL) == b"12"
    assert echo.received == b"012"


def test_lost_requests_never_arrive(proxy: FaultProxy, echo: Echo) -> None:
    with connect(proxy) as client:
        assert exchange(client, b"before") == b"before"
        proxy.switch(RelayMode.DROP_REQUESTS)
        client.sendall(b"lost")

        assert is_silent(client)
        assert eventually(lambda: proxy.state().dropped_bytes == 4)
    assert echo.received == b"before"


def test_requests_arrive_whose_replies_are_lost(proxy: FaultProxy, echo: Echo) -> None:
    proxy.switch(RelayMode.DROP_REPLIES)
    with connect(proxy) as client:
        client.sendall(b"done")

        assert eventually(lambda: echo.received == b"done")
        assert is_silent(client)


def test_a_connection_that_lost_bytes_stays_silent_and_a_new_one_works(
    proxy: FaultProxy, echo: Echo
) -> None:
    with connect(proxy) as old, connect(proxy) as new:
        assert exchange(old, b"a") == b"a"
        proxy.switch(RelayMode.DROP_REQUESTS)
        old.sendall(b"half a request")
        assert eventually(lambda: proxy.state().dropped_bytes > 0)
        proxy.switch(RelayMode.NORMAL)
        old.sendall(b"the other half")

        assert exchange(new, b"b") == b"b"
        assert is_silent(old)
    assert echo.received == b"ab"


def test_held_requests_are_delivered_although_their_sender_has_gone(
    proxy: FaultProxy, echo: Echo
) -> None:
    with connect(proxy) as client:
        assert exchange(client, b"first ") == b"first "
        proxy.switch(RelayMode.HOLD)
        client.sendall(b"zombie")
        assert eventually(lambda: proxy.state().held_bytes == 6)
    assert echo.received == b"first "
    proxy.switch(RelayMode.NORMAL)

    assert eventually(lambda: echo.received == b"first zombie")
    assert eventually(lambda: echo.closed == 1)
    assert eventually(lambda: proxy.state().connections == 0)


def test_held_requests_are_answered_late_to_who_still_waits(proxy: FaultProxy) -> None:
    proxy.switch(RelayMode.HOLD)
    with connect(proxy) as client:
        client.sendall(b"patience")
        assert is_silent(client)
        proxy.switch(RelayMode.NORMAL)

        assert client.recv(8, socket.MSG_WAITALL) == b"patience"


def test_a_reset_ends_open_connections_and_new_ones(proxy: FaultProxy, echo: Echo) -> None:
    with connect(proxy) as client:
        assert exchange(client, b"up") == b"up"
        proxy.switch(RelayMode.RESET)

        with pytest.raises(ConnectionResetError):
            client.recv(1)
    with pytest.raises(ConnectionResetError), connect(proxy) as late:
        late.recv(1)
    proxy.switch(RelayMode.NORMAL)
    with connect(proxy) as again:
        assert exchange(again, b"up") == b"up"
    assert eventually(lambda: echo.closed == 2)


def test_a_refusing_proxy_does_not_listen_and_keeps_its_port(proxy: FaultProxy) -> None:
    with connect(proxy) as client:
        assert exchange(client, b"up") == b"up"
        proxy.switch(RelayMode.REFUSE)

        with pytest.raises(ConnectionResetError):
            client.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    with socket.socket() as thief, pytest.raises(OSError, match="in use"):
        thief.bind((HOST, port_of(proxy)))
    proxy.switch(RelayMode.NORMAL)
    with connect(proxy) as again:
        assert exchange(again, b"up") == b"up"


def _ends_connections(proxy: FaultProxy) -> bool:
    """Tell whether the proxy closes or resets; which of the two, and when, depends on timing."""
    try:
        with connect(proxy) as client:
            client.sendall(b"anybody?")
            return client.recv(1) == b""
    except (ConnectionResetError, BrokenPipeError):
        return True


def test_a_server_that_is_down_ends_the_connection(proxy: FaultProxy, echo: Echo) -> None:
    echo.end()
    echo.join()
    assert _ends_connections(proxy)
    assert eventually(lambda: proxy.state().connections == 0)


def test_a_client_learns_that_the_server_hung_up(proxy: FaultProxy) -> None:
    with connect(proxy) as client:
        assert exchange(client, b"bye") == b"bye"
        client.shutdown(socket.SHUT_WR)

        assert client.recv(1) == b""


def test_a_proxy_that_ended_says_so_instead_of_obeying(echo: Echo, tmp_path: Path) -> None:
    proxy = start_proxy(echo.url, log=tmp_path / "log")
    proxy.process.kill()
    try:
        with pytest.raises(StackError, match="proxy does not obey"):
            proxy.switch(RelayMode.HOLD)
    finally:
        proxy.stop()
    assert is_gone(proxy.process.pid)


@pytest.mark.parametrize("url", ["amqp://host:1/", "redis://", "mongodb://a:1,b:2/"])
def test_only_a_server_whose_protocol_stays_on_its_connection_can_be_stood_in_for(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(
        StackError, match="needs the URL of one redis://, mongodb:// or http:// server"
    ):
        start_proxy(url, log=tmp_path / "log")
