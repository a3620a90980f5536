import re
import socket
import tempfile
import threading
from pathlib import Path

import pytest

from benchmarks.measure.address import parse_address, tls_context
from benchmarks.measure.client import ClientError, Connection
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.unit.benchmarks.measure.wire import OK, WireService

# Made for these tests: of localhost, signed by nobody, with its key.
CERTIFICATE = Path(__file__).parents[3] / "localhost.pem"


@pytest.mark.parametrize(
    ("text", "url", "authority", "base"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1:8080", ""),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080", "127.0.0.1:8080", ""),
        ("https://localhost/api/", "https://localhost/api", "localhost", "/api"),
        ("http://[::1]:8080/v2", "http://[::1]:8080/v2", "[::1]:8080", "/v2"),
        ("unix:/run/app.sock", "unix:/run/app.sock", "localhost", ""),
        ("unix:/run/app.sock:/api/", "unix:/run/app.sock:/api", "localhost", "/api"),
    ],
)
def test_an_address_has_a_host_and_what_every_path_is_below(
    text: str, url: str, authority: str, base: str
) -> None:
    address = parse_address(text)

    assert (address.url, address.authority, address.base) == (url, authority, base)


NO_FORM = "it is not one of http://HOST:PORT"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", NO_FORM),
        ("nonsense", NO_FORM),
        ("ftp://127.0.0.1", NO_FORM),
        ("http://", NO_FORM),
        ("http://[::1", NO_FORM),
        ("http://[nobody]", NO_FORM),
        ("http://127.0.0.1:0", NO_FORM),
        ("http://127.0.0.1:99999", NO_FORM),
        ("unix:relative.sock", NO_FORM),
        ("http://127.0.0.1/?a=b", "no ? and no #"),
        ("http://127.0.0.1/a b", "write as %XX"),
        ("http://b\xfccher.example", "punycode"),
    ],
)
def test_what_is_no_address_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        parse_address(text)


def test_user_and_password_become_a_header_and_are_in_nothing_that_is_shown() -> None:
    address = parse_address("http://me:hunter%402@127.0.0.1:8080/api")

    assert address.url == "http://127.0.0.1:8080/api"
    assert "hunter" not in repr(address)
    connection = Connection("http://me:hunter%402@127.0.0.1:8080/api")
    request = connection.prepare("GET", "/items")
    # In plain text it is me, a colon, hunter@2.
    assert b"\r\nHost: 127.0.0.1:8080\r\nAuthorization: Basic bWU6aHVudGVyQDI=\r\n" in request
    assert request.startswith(b"GET /api/items HTTP/1.1\r\n")


def test_a_unix_socket_is_talked_to() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/app.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            thread = threading.Thread(target=_answer_once, args=(listener,))
            thread.start()
            with Connection(f"unix:{path}") as connection:
                assert connection.send(connection.prepare("GET", "/")).body == b"ok"
            thread.join()


def test_https_is_verified_unless_it_is_not_to_be_and_stays_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening(handler_for(WireService()), certificate=CERTIFICATE) as running:
        refused = pytest.raises(ClientError, match="is not trusted: self-signed")
        with Connection(running.url) as connection, refused:
            connection.send(connection.prepare("GET", "/"))
        assert ports_of(Connection(running.url, tls=tls_context(verified=False))) == 1
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        assert ports_of(Connection(running.url)) == 1


def ports_of(connection: Connection) -> int:
    """Count the ports from which three requests were sent."""
    with connection:
        ports = set()
        for _ in range(3):
            connection.send(connection.prepare("GET", "/"))
            assert connection._socket is not None
            ports.add(connection._socket.getsockname())
    return len(ports)


def _answer_once(listener: socket.socket) -> None:
    accepted, _ = listener.accept()
    with accepted:
        accepted.recv(65536)
        accepted.sendall(OK)
