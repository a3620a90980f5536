import contextlib
import itertools
import socket
import threading
import time
from dataclasses import dataclass, field
from time import perf_counter_ns

import pytest

from benchmarks.measure.arrivals import NEVER, Schedule
from benchmarks.measure.client import ClientError
from benchmarks.measure.open_loop import OpenResult, ScheduledLoop
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.unit.benchmarks.measure.schedules import constant
from tests.unit.benchmarks.measure.test_client import answers, server

REQUEST = b"GET /todo/ HTTP/1.1\r\nHost: h\r\n\r\n"
HIT = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncache-status: todos; hit, user; hit\r\n\r\nok"
NS_PER_S = 1_000_000_000
PATIENCE_S = 60.0
"""How long a busy machine may take; nothing here lasts as long."""


@dataclass
class Service:
    """Takes ``slow_s`` for each answer, and stalls once, on a request of a given number.

    Until it was asked ``together`` times it gives no answer, and none to the request numbered
    ``held`` until it is ``released``.
    """

    slow_s: float = 0.0
    stall_on: int = -1
    stall_s: float = 0.0
    status: int = 200
    together: int = 0
    held: int = -1
    released: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    most: int = 0
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(
        self, _method: str, path: str, _token: str, _body: object
    ) -> tuple[int, bytes, dict[str, str]]:
        with self._lock:
            number = len(self.asked)
            self.asked.append(path)
            self._busy += 1
            self.most = max(self.most, self._busy)
            if len(self.asked) >= self.together > 0:
                self.released.set()
        if self.together or number == self.held:
            self.released.wait(2 * PATIENCE_S)
        time.sleep(self.stall_s if number == self.stall_on else self.slow_s)
        with self._lock:
            self._busy -= 1
        return self.status, b"ok", {"Cache-Status": "todos; hit"}


def responses_s(result: OpenResult) -> list[float]:
    return [
        (ended - intended) / NS_PER_S
        for intended, ended in zip(result.intended_ns, result.ended_ns, strict=True)
        if ended != NEVER
    ]


def test_a_stall_shows_in_every_arrival_behind_it() -> None:
    with (
        listening(handler_for(Service(stall_on=10, stall_s=0.4))) as running,
        ScheduledLoop(running.url, [REQUEST], connections=1) as loop,
    ):
        result = loop.run(constant(100, seconds=0.8), backlog=1000, drain_s=PATIENCE_S)

    # 20 arrivals come in the first half of the stall, and all of them wait for the other half.
    assert len(responses_s(result)) == 80
    assert sum(each > 0.2 for each in responses_s(result)) >= 15


def test_the_wait_behind_a_stall_is_response_time_and_neither_service_time_nor_lag() -> None:
    with (
        listening(handler_for(Service(stall_on=0, stall_s=0.3))) as running,
        ScheduledLoop(running.url, [REQUEST], connections=1) as loop,
    ):
        result = loop.run(constant(100, seconds=0.1), backlog=1000, drain_s=PATIENCE_S)

    assert (result.sent_ns[-1] - result.intended_ns[-1]) / NS_PER_S > 0.15
    # It was sent when the connection was free again, and is served from then on.
    assert result.ended_ns[-2] <= result.sent_ns[-1] < result.ended_ns[-1]
    # Only the first found the connection free.
    assert len(result.lags_ns) == 1


def test_arrivals_do_not_wait_for_the_answers_of_others() -> None:
    service = Service(together=4)

    with (
        listening(handler_for(service)) as running,
        ScheduledLoop(running.url, [REQUEST], connections=4) as loop,
    ):
        result = loop.run(constant(100, seconds=0.05), backlog=1000, drain_s=PATIENCE_S)

    assert service.most == 4
    assert len(responses_s(result)) == len(service.asked) == 5


def test_requests_take_turns_and_go_on_where_the_last_run_ended() -> None:
    service = Service()
    requests = [f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode() for path in ("/a", "/b", "/c")]

    with (
        listening(handler_for(service)) as running,
        ScheduledLoop(running.url, requests, connections=1) as loop,
    ):
        for _ in range(2):
            loop.run(constant(100, seconds=0.02), backlog=10, drain_s=PATIENCE_S)

    assert service.asked == ["/a", "/b", "/c", "/a"]


def test_no_arrival_is_sent_before_its_time_or_left_out() -> None:
    with (
        listening(handler_for(Service())) as running,
        ScheduledLoop(running.url, [REQUEST], connections=4) as loop,
    ):
        result = loop.run(constant(200, seconds=0.25), backlog=1000, drain_s=PATIENCE_S)

    assert all(
        intended <= sent < ended
        for intended, sent, ended in zip(
            result.intended_ns, result.sent_ns, result.ended_ns, strict=True
        )
    )
    assert (result.hits, result.statuses) == (50, {200: 50})


def test_what_has_no_answer_when_the_drain_is_over_is_counted_without_one() -> None:
    with (
        listening(handler_for(Service(slow_s=0.1))) as running,
        ScheduledLoop(running.url, [REQUEST], connections=1) as loop,
    ):
        result = loop.run(constant(100, seconds=0.4), backlog=1000, drain_s=0.1)

    # At most one answer per 100 ms of 500 ms.
    assert len(result.ended_ns) == len(result.sent_ns) == 40
    assert len(responses_s(result)) <= 5
    assert result.sent_ns[-1] == NEVER


def test_too_long_a_backlog_ends_the_run_before_its_time() -> None:
    service = Service(slow_s=0.05)

    with (
        listening(handler_for(service)) as running,
        ScheduledLoop(running.url, [REQUEST], connections=1) as loop,
    ):
        result = loop.run(constant(200, seconds=600), backlog=20, drain_s=PATIENCE_S)

    assert result.elapsed_s < result.seconds
    assert len(result.intended_ns) == 120_000
    # What was sent before is waited for.
    assert len(responses_s(result)) == len(service.asked) < 1000


def test_an_answer_nobody_waits_for_any_more_does_not_meet_the_next_run() -> None:
    service = Service(held=0)

    with (
        listening(handler_for(service)) as running,
        ScheduledLoop(running.url, [REQUEST], connections=1) as loop,
    ):
        given_up = loop.run(constant(10, seconds=0.1), backlog=10, drain_s=0.0)
        result = loop.run(constant(10, seconds=0.1), backlog=10, drain_s=PATIENCE_S)
        service.released.set()

    assert list(given_up.ended_ns) == [NEVER]
    assert len(responses_s(result)) == len(result.ended_ns) == 1
    assert result.statuses == {200: 1}


def test_other_statuses_are_counted() -> None:
    with (
        listening(handler_for(Service(status=429))) as running,
        ScheduledLoop(running.url, [REQUEST], connections=1) as loop,
    ):
        result = loop.run(constant(100, seconds=0.05), backlog=10, drain_s=PATIENCE_S)

    assert result.statuses == {429: 5}


def test_a_connection_closed_instead_of_an_answer_loses_one_arrival_and_is_replaced() -> None:
    def close(accepted: socket.socket) -> None:
        accepted.recv(65536)

    with (
        server(close, answers(HIT)) as url,
        ScheduledLoop(url, [REQUEST], connections=1) as loop,
    ):
        result = loop.run(constant(20, seconds=0.1), backlog=10, drain_s=PATIENCE_S)

    assert result.ended_ns[0] == NEVER
    assert len(responses_s(result)) == result.hits == 1


def test_a_connection_closed_while_idle_loses_nothing() -> None:
    replaced = threading.Event()

    def close(accepted: socket.socket) -> None:
        accepted.close()

    def answer(accepted: socket.socket) -> None:
        replaced.set()
        answers(HIT)(accepted)

    def after_the_end_was_seen_ns() -> int:
        return perf_counter_ns() if replaced.is_set() else 0

    with (
        server(close, answer) as url,
        ScheduledLoop(url, [REQUEST], connections=1, clock_ns=after_the_end_was_seen_ns) as loop,
    ):
        late = Schedule(seconds=NS_PER_S, offsets_ns=[NS_PER_S // 20])
        result = loop.run(late, backlog=10)

    assert result.hits == 1


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [(b"SSH-2.0\r\nContent-Length: 0\r\n\r\n", "no HTTP/1.1 answer"), (HIT + b"!", "1 bytes too")],
)
def test_what_is_no_http_is_an_error_that_names_the_address(answer: bytes, complaint: str) -> None:
    with (
        server(answers(answer)) as url,
        ScheduledLoop(url, [REQUEST], connections=1) as loop,
        pytest.raises(ClientError, match=complaint) as refused,
    ):
        loop.run(constant(10, seconds=0.1), backlog=10, drain_s=PATIENCE_S)

    assert url in str(refused.value)


def test_an_answer_that_nobody_asked_for_is_an_error() -> None:
    def talk(accepted: socket.socket) -> None:
        accepted.sendall(HIT)
        with contextlib.suppress(ConnectionResetError):
            accepted.recv(65536)

    with (
        server(talk) as url,
        ScheduledLoop(url, [REQUEST], connections=1) as loop,
        pytest.raises(ClientError, match="nobody asked for"),
    ):
        loop.run(Schedule(seconds=PATIENCE_S, offsets_ns=[50 * NS_PER_S]), backlog=10)


def test_nobody_listening_is_an_error_and_leaves_no_socket() -> None:
    with (
        pytest.raises(ClientError, match="refused"),
        ScheduledLoop("http://127.0.0.1:9", [REQUEST], connections=2),
    ):
        pass


def test_at_a_low_rate_the_generator_idles() -> None:
    looks = itertools.count()

    def counting_ns() -> int:
        next(looks)
        return perf_counter_ns()

    with (
        listening(handler_for(Service())) as running,
        ScheduledLoop(running.url, [REQUEST], connections=4, clock_ns=counting_ns) as loop,
    ):
        result = loop.run(constant(20, seconds=1), backlog=10)

    # It looks at the clock in every turn; to turn all the time would be tens of thousands.
    assert next(looks) < 8_000
    assert 0 < result.client_cores < 4
