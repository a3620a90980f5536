import ssl

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from service.adapters.redis.client import (
    COOL_DOWN_S,
    FAILURES,
    Breaker,
    Endpoint,
    RedisUnavailable,
    connect,
    require_usable,
)
from service.config import ConfigurationError
from service.trace import begin
from tests.fakes import ManualClock

OUTAGES = [
    RedisConnectionError("refused"),
    RedisTimeoutError("slow"),
    OSError("lost"),
    TimeoutError(),
    EOFError("half an answer"),
    RuntimeError("the handler is closed"),
]


class BreakerServer:
    """A Redis behind a breaker, that fails as it is told."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.events: list[str] = []
        self.asked = 0
        self._breaker = Breaker(clock=self.clock, on_event=self.events.append)

    @property
    def changes(self) -> list[str]:
        return [event for event in self.events if event != "redis_failed"]

    def ask(self, failure: Exception | None = None, *, even_when_open: bool = False) -> None:
        with self._breaker.call(even_when_open=even_when_open):
            self.asked += 1
            if failure is not None:
                raise failure

    def fail(self, failure: Exception) -> None:
        with pytest.raises(RedisUnavailable) as error:
            self.ask(failure)
        assert error.value.__cause__ is failure

    def go_down(self, failure: Exception | None = None) -> None:
        """Fail as often in a row as opens the breaker."""
        for _ in range(FAILURES):
            self.fail(failure or OSError())

    def refuse(self) -> None:
        """Expect a call to be turned away before it reaches the server."""
        asked = self.asked
        with pytest.raises(RedisUnavailable):
            self.ask()
        assert self.asked == asked


@pytest.fixture
def server() -> BreakerServer:
    return BreakerServer()


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: type(outage).__name__)
def test_after_each_outage_calls_are_refused_for_the_cool_down_and_each_change_is_told_once(
    outage: Exception, server: BreakerServer
) -> None:
    server.go_down(outage)
    for _ in range(FAILURES):
        server.refuse()
        server.clock.advance(COOL_DOWN_S - 0.01)
        server.refuse()
        server.clock.advance(0.01)
        server.fail(outage)
    server.clock.advance(COOL_DOWN_S)
    server.ask()
    server.ask()

    assert server.changes == ["redis_lost", "redis_recovered"]
    assert server.events.count("redis_failed") == 2 * FAILURES


def test_a_hiccup_and_an_answer_that_is_an_error_do_not_open_it(server: BreakerServer) -> None:
    for _ in range(FAILURES):
        for _ in range(FAILURES - 1):
            server.fail(OSError())
        server.ask()
    server.go_down(ResponseError("OOM command not allowed"))
    with pytest.raises(ZeroDivisionError):
        server.ask(ZeroDivisionError())
    server.ask()

    assert server.changes == []


def test_callers_that_find_no_connection_free_say_nothing_of_redis(server: BreakerServer) -> None:
    # As redis-py's pool raises it when everybody waits for a connection.
    busy = RedisConnectionError("No connection available.")
    busy.__cause__ = TimeoutError()
    server.go_down(busy)
    server.ask()

    assert server.asked == FAILURES + 1
    assert server.changes == []


def test_a_call_that_must_be_tried_is_tried_and_its_success_closes_it(
    server: BreakerServer,
) -> None:
    server.go_down()
    server.ask(even_when_open=True)
    server.ask()

    assert server.asked == FAILURES + 2
    assert server.changes == ["redis_lost", "redis_recovered"]


async def test_the_time_of_a_call_counts_as_cache_time_also_when_it_fails(
    server: BreakerServer,
) -> None:
    request = begin()
    server.go_down()
    failed_s = request.cache_s
    server.refuse()

    assert failed_s > 0
    assert request.cache_s == failed_s


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


NOBODY = "redis://127.0.0.1:1/0"
SET_HERE = "timeout=20&max_connections=0&socket_timeout=0&encoding=utf-16&decode_responses=true"


@pytest.mark.parametrize(
    "url",
    [
        NOBODY,
        "unix:///no/such/socket",
        f"{NOBODY}?{SET_HERE}",
        "redis+cluster://127.0.0.1:1,127.0.0.1:2",
        "redis+sentinel://127.0.0.1:1/main",
    ],
)
def test_servers_that_cannot_be_reached_stop_no_start(url: str) -> None:
    require_usable(url)


@pytest.mark.parametrize(
    "url",
    [
        f"{NOBODY}?foo=hunter2",
        f"{NOBODY}?event_dispatcher=hunter2",
        "rediss://127.0.0.1:1/0?ssl_cert_reqs=hunter2",
        "rediss://127.0.0.1:1/0?ssl_ca_certs=/no/such/hunter2",
        "redis://:hunter2@a..b:1/0",
        "redis+cluster://:hunter2@a..b:1",
        "redis+sentinel://127.0.0.1:1/main?foo=hunter2",
    ],
)
def test_a_url_on_which_the_client_breaks_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        require_usable(url)

    assert str(refused.value).startswith("REDIS_URL: takes a URL such as redis://host:6379/0, with")
    assert "hunter2" not in str(refused.value)
