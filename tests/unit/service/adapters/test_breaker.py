import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from service.adapters.redis.client import COOL_DOWN_S, FAILURES, Breaker, RedisUnavailable
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
        self.changes: list[bool] = []
        self.asked = 0
        self._breaker = Breaker(clock=self.clock, on_change=self.changes.append)

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
def test_after_an_outage_calls_are_refused_for_the_cool_down(
    outage: Exception, server: BreakerServer
) -> None:
    server.go_down(outage)
    server.refuse()
    server.clock.advance(COOL_DOWN_S - 0.01)
    server.refuse()
    server.clock.advance(0.01)
    server.ask()

    assert server.asked == FAILURES + 1


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


def test_every_further_outage_starts_the_cool_down_again(server: BreakerServer) -> None:
    server.go_down()
    server.clock.advance(COOL_DOWN_S)
    server.fail(OSError())
    server.clock.advance(COOL_DOWN_S - 0.01)
    server.refuse()


def test_each_change_is_told_once(server: BreakerServer) -> None:
    for _ in range(2 * FAILURES):
        server.clock.advance(COOL_DOWN_S)
        server.fail(OSError())
    server.clock.advance(COOL_DOWN_S)
    server.ask()
    server.ask()

    assert server.changes == [False, True]


def test_a_call_that_must_be_tried_is_tried_and_its_success_closes_it(
    server: BreakerServer,
) -> None:
    server.go_down()
    server.ask(even_when_open=True)
    server.ask()

    assert server.asked == FAILURES + 2
    assert server.changes == [False, True]


async def test_the_time_of_a_call_counts_as_cache_time_also_when_it_fails(
    server: BreakerServer,
) -> None:
    request = begin()
    server.go_down()
    failed_s = request.cache_s
    server.refuse()

    assert failed_s > 0
    assert request.cache_s == failed_s
