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
from tests.waiting import eventually, is_gone

SOON_S = 0.1
LARGE = 4 * 1024 * 1024


class Echo(threading.Thread):
    """A server that remembers what it got and sends it back."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.received = b""
        self.open: set[socket.socket] = set()
        self._listener = socket.create_server((HOST, 0))
        self.url = f"redis://:secret@{HOST}:{self._listener.getsockname()[1]}/3"

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while data := connection.recv(65536):
                self.received += data
                connection.sendall(data)
        self.open.discard(connection)

    def end(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.join()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Echo, FaultProxy]]:
    server = Echo()
    server.start()
    with start_proxy(server.url, log=tmp_path_factory.mktemp("proxy") / "log") as proxy:
        yield server, proxy
    server.end()


@pytest.fixture
def proxy(running: tuple[Echo, FaultProxy]) -> FaultProxy:
    """Return the one proxy of these tests, at rest and without connections."""
    _, proxy = running
    # Whoever still waits is told, and a proxy that refused listens again.
    proxy.switch(RelayMode.RESET)
    proxy.switch(RelayMode.NORMAL)
    assert eventually(lambda: proxy.state().connections == 0)
    return proxy


@pytest.fixture
def echo(running: tuple[Echo, FaultProxy], proxy: FaultProxy) -> Echo:
    """Return the server behind it, which remembers nothing."""
    del proxy
    server, _ = running
    server.received = b""
    return server


def port_of(proxy: FaultProxy) -> int:
    return int(proxy.url.rpartition(":")[2].removesuffix("/3"))


def connect(proxy: FaultProxy) -> socket.socket:
    return socket.create_connection((HOST, port_of(proxy)), 60)


def receive(client: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (more := client.recv(65536)):
        data += more
    return bytes(data)


def exchange(client: socket.socket, data: bytes) -> bytes:
    """Send bytes and return as many."""
    client.sendall(data)
    return receive(client, len(data))


def is_silent(client: socket.socket) -> bool:
    client.settimeout(SOON_S)
    try:
        return not client.recv(1)
    except TimeoutError:
        return True
    finally:
        client.settimeout(60)


def test_it_passes_everything_on_however_large_and_keeps_the_rest_of_the_url(
    proxy: FaultProxy,
) -> None:
    large = bytes(range(256)) * (LARGE // 256)
    with connect(proxy) as client:
        assert exchange(client, b"one") == b"one"
        sender = threading.Thread(target=client.sendall, args=(large,))
        sender.start()
        assert receive(client, LARGE) == large
        sender.join()
        client.shutdown(socket.SHUT_WR)
        # The server hangs up, and the client learns of it.
        assert client.recv(1) == b""

    assert proxy.url == f"redis://:secret@{HOST}:{port_of(proxy)}/3"
    assert eventually(lambda: proxy.state().connections == 0)


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

        assert receive(client, 2) == b"12"
    assert echo.received == b"012"


def test_a_connection_whose_requests_were_lost_stays_silent_and_a_new_one_works(
    proxy: FaultProxy, echo: Echo
) -> None:
    with connect(proxy) as old, connect(proxy) as new:
        assert exchange(old, b"a") == b"a"
        dropped = proxy.switch(RelayMode.DROP_REQUESTS).dropped_bytes
        old.sendall(b"lost")
        assert eventually(lambda: proxy.state().dropped_bytes == dropped + 4)
        proxy.switch(RelayMode.NORMAL)
        old.sendall(b"the other half")

        assert exchange(new, b"b") == b"b"
        assert is_silent(old)
    assert echo.received == b"ab"


def test_requests_arrive_whose_replies_are_lost(proxy: FaultProxy, echo: Echo) -> None:
    proxy.switch(RelayMode.DROP_REPLIES)
    with connect(proxy) as client:
        client.sendall(b"done")

        assert eventually(lambda: echo.received == b"done")
        assert is_silent(client)


def test_held_requests_are_answered_late_and_delivered_although_their_sender_has_gone(
    proxy: FaultProxy, echo: Echo
) -> None:
    with connect(proxy) as waiting:
        with connect(proxy) as leaving:
            assert exchange(leaving, b"first ") == b"first "
            proxy.switch(RelayMode.HOLD)
            leaving.sendall(b"zombie")
            assert eventually(lambda: proxy.state().held_bytes == 6)
        waiting.sendall(b"patience")
        assert is_silent(waiting)
        assert echo.received == b"first "
        proxy.switch(RelayMode.NORMAL)

        assert receive(waiting, 8) == b"patience"
        assert eventually(lambda: b"zombie" in echo.received)
    assert eventually(lambda: (len(echo.open), proxy.state().connections) == (0, 0))


@pytest.mark.parametrize("mode", [RelayMode.RESET, RelayMode.REFUSE])
def test_a_reset_ends_connections_old_and_new_and_a_refusal_keeps_the_port_without_listening(
    proxy: FaultProxy, echo: Echo, mode: RelayMode
) -> None:
    with connect(proxy) as client:
        assert exchange(client, b"up") == b"up"
        proxy.switch(mode)

        with pytest.raises(ConnectionResetError):
            client.recv(1)
    refusal = ConnectionResetError if mode is RelayMode.RESET else ConnectionRefusedError
    with pytest.raises(refusal), connect(proxy) as late:
        late.recv(1)
    with socket.socket() as thief, pytest.raises(OSError, match="in use"):
        thief.bind((HOST, port_of(proxy)))
    proxy.switch(RelayMode.NORMAL)
    with connect(proxy) as again:
        assert exchange(again, b"up") == b"up"
    assert eventually(lambda: not echo.open)


def ends_connections(proxy: FaultProxy) -> bool:
    """Tell whether the proxy closes or resets; which of the two, and when, depends on timing."""
    try:
        with connect(proxy) as client:
            client.sendall(b"anybody?")
            return client.recv(1) == b""
    except (ConnectionResetError, BrokenPipeError):
        return True


def test_a_server_that_is_down_ends_the_connection_and_a_proxy_that_ended_does_not_obey(
    closed_port: int, tmp_path: Path
) -> None:
    with start_proxy(f"redis://{HOST}:{closed_port}/3", log=tmp_path / "log") as proxy:
        assert ends_connections(proxy)
        assert eventually(lambda: proxy.state().connections == 0)

        proxy.process.kill()
        with pytest.raises(StackError, match="proxy does not obey"):
            proxy.switch(RelayMode.HOLD)
    assert is_gone(proxy.process.pid)


def test_several_servers_take_turns_and_one_that_is_gone_is_passed_over(
    closed_port: int, tmp_path: Path
) -> None:
    servers = [Echo(), Echo()]
    for server in servers:
        server.start()
    urls = [servers[0].url, f"redis://{HOST}:{closed_port}", servers[1].url]
    with start_proxy(*urls, log=tmp_path / "log") as proxy:
        for _ in range(3):
            with connect(proxy) as client:
                assert exchange(client, b"here") == b"here"
        made = proxy.state().made
    for server in servers:
        server.end()

    # The one behind the one that is gone takes its turn as well.
    assert list(made) == [1, 0, 2]


@pytest.mark.parametrize("url", ["amqp://host:1/", "redis://", "mongodb://a:1,b:2/"])
def test_only_a_server_whose_protocol_stays_on_its_connection_can_be_stood_in_for(
    url: str, tmp_path: Path
) -> None:
    words = "needs the URL of one redis://, mongodb:// or http:// server"
    with pytest.raises(StackError, match=words):
        start_proxy(url, log=tmp_path / "log")
