"""What a ``redis://`` URL says."""

import ssl

import pytest

from service.adapters.redis.client import Endpoint, connect


def test_a_url_names_a_server_or_a_socket_and_what_it_leaves_out_is_redis_default() -> None:
    named, left_out, socket = (
        Endpoint.from_url(url)
        for url in ("redis://cache.example:6390", "redis://", "unix:///run/redis.sock")
    )

    assert (named.host, named.port, named.tls, named.greeting) == ("cache.example", 6390, None, ())
    assert (left_out.host, left_out.port, left_out.path) == ("localhost", 6379, "")
    assert socket.path == "/run/redis.sock"
    with pytest.raises(ValueError, match="scheme"):
        Endpoint.from_url("http://h")


@pytest.mark.parametrize(
    ("url", "greeting"),
    [
        ("redis://h/0", ()),
        ("redis://h/3", (("SELECT", 3),)),
        ("redis://:p%40ss@h", (("AUTH", "p@ss"),)),
        ("redis://ada:secret@h/2", (("AUTH", "ada", "secret"), ("SELECT", 2))),
        ("unix://ada:secret@/run/redis.sock?db=1", (("AUTH", "ada", "secret"), ("SELECT", 1))),
    ],
)
def test_the_url_says_who_asks_and_for_which_database(
    url: str, greeting: tuple[tuple[str | int, ...], ...]
) -> None:
    assert Endpoint.from_url(url).greeting == greeting


def test_tls_checks_the_certificate_unless_the_url_says_otherwise() -> None:
    strict = Endpoint.from_url("rediss://h").tls
    lax = Endpoint.from_url("rediss://h?ssl_cert_reqs=none&ssl_check_hostname=false").tls

    assert strict is not None
    assert lax is not None
    assert (strict.verify_mode, strict.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (lax.verify_mode, lax.check_hostname) == (ssl.CERT_NONE, False)


async def test_no_option_of_a_url_is_stronger_than_the_deadlines_of_the_service() -> None:
    options = "socket_timeout=59&socket_connect_timeout=59&max_connections=0&timeout=59&protocol=2"
    client = connect(f"redis://127.0.0.1:1/0?{options}", deadline_s=0.05)
    found = client.connection_pool.connection_kwargs

    assert (found["socket_timeout"], found["protocol"]) == (0.05, 3)
    assert found["socket_connect_timeout"] < 1
    assert client.connection_pool.max_connections > 0
    await client.aclose()
