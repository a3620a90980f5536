import contextlib
import itertools
import socket
import statistics
import threading
from itertools import pairwise
from time import perf_counter_ns

import pytest

from benchmarks.measure.client import NS_PER_S, ClientError
from benchmarks.measure.open_loop import NEVER, OpenResult, Schedule, ScheduledLoop, poisson
from tests.unit.benchmarks.measure.wire import (
    HIT,
    PATIENCE_S,
    WireService,
    answers,
    constant,
    loop_on,
    talking_to,
)

MS = 1_000_000


def test_poisson_arrivals_follow_from_the_seed_with_exponential_gaps_of_the_right_mean() -> None:
    schedule, again, other = (poisson(1000, seconds=20, seed=seed) for seed in ("a", "a", "b"))

    assert schedule == again != other

    gaps_ms = [(later - earlier) / MS for earlier, later in pairwise(schedule.offsets_ns)]
    assert statistics.fmean(gaps_ms) == pytest.approx(1, rel=0.03)
    # Of an exponential distribution the deviation equals the mean.
    assert statistics.stdev(gaps_ms) == pytest.approx(1, rel=0.05)
    assert 0 <= schedule.offsets_ns[0] <= max(schedule.offsets_ns) < 20_000 * MS


def responses_s(result: OpenResult) -> list[float]:
    return [
        (ended - intended) / NS_PER_S
        for intended, ended in zip(result.intended_ns, result.ended_ns, strict=True)
        if ended != NEVER
    ]


def test_a_stall_is_response_time_of_every_arrival_behind_it_and_neither_service_time_nor_lag() -> (
    None
):
    with loop_on(ScheduledLoop, WireService(stall_on=0, stall_s=0.4)) as loop:
        result = loop.run(constant(100, seconds=0.3), drain_s=PATIENCE_S)

    # 30 arrivals come during the stall, and all but the last ones wait for 0.1 s and more.
    assert len(responses_s(result)) == 30
    assert responses_s(result)[0] >= 0.4
    assert sum(each > 0.1 for each in responses_s(result)) >= 25
    # The last was sent when the connection was free again, and is served from then on.
    assert (result.sent_ns[-1] - result.intended_ns[-1]) / NS_PER_S > 0.05
    assert result.ended_ns[-2] <= result.sent_ns[-1] < result.ended_ns[-1]
    # Only the first found the connection free.
    assert len(result.lags_ns) == 1


def test_arrivals_do_not_wait_for_the_answers_of_others() -> None:
    service = WireService(together=4)

    with loop_on(ScheduledLoop, service, connections=4) as loop:
        result = loop.run(constant(100, seconds=0.05), drain_s=PATIENCE_S)

    assert service.most == 4
    assert len(responses_s(result)) == len(service.asked) == 5


def test_no_arrival_is_sent_before_its_time_or_left_out_and_statuses_are_counted() -> None:
    with loop_on(ScheduledLoop, WireService(status=429), connections=4) as loop:
        result = loop.run(constant(500, seconds=0.1), drain_s=PATIENCE_S)

    times = zip(result.intended_ns, result.sent_ns, result.ended_ns, strict=True)
    assert all(intended <= sent < ended for intended, sent, ended in times)
    assert (result.hits, result.statuses) == (50, {429: 50})


def test_what_has_no_answer_when_the_drain_is_over_is_counted_without_one() -> None:
    with loop_on(ScheduledLoop, WireService(slow_s=0.1)) as loop:
        result = loop.run(constant(100, seconds=0.4), drain_s=0.1)

    # At most one answer per 100 ms of 500 ms.
    assert len(result.ended_ns) == len(result.sent_ns) == 40
    assert len(responses_s(result)) <= 5
    assert result.sent_ns[-1] == NEVER


def test_a_generator_held_up_beyond_the_end_still_asks_and_says_that_it_was_late() -> None:
    looks = itertools.count()

    def held_up_ns() -> int:
        # The first look tells when the schedule began.
        return perf_counter_ns() + (100 * NS_PER_S if next(looks) else 0)

    with loop_on(ScheduledLoop, WireService(), connections=2, clock_ns=held_up_ns) as loop:
        result = loop.run(constant(100, seconds=1), drain_s=PATIENCE_S)

    # Two found a connection free; the others waited for one.
    assert (len(responses_s(result)), len(result.lags_ns)) == (100, 2)
    assert min(result.lags_ns) > 99 * NS_PER_S


def test_a_connection_closed_instead_of_an_answer_loses_one_arrival_and_is_replaced() -> None:
    with talking_to(ScheduledLoop, answers(), answers(HIT)) as (loop, _):
        result = loop.run(constant(20, seconds=0.1), drain_s=PATIENCE_S)

    assert result.ended_ns[0] == NEVER
    assert len(responses_s(result)) == result.hits == 1


def test_a_connection_closed_while_idle_loses_nothing() -> None:
    replaced = threading.Event()

    def answer(accepted: socket.socket) -> None:
        replaced.set()
        answers(HIT)(accepted)

    def after_the_end_was_seen_ns() -> int:
        return perf_counter_ns() if replaced.is_set() else 0

    closed = socket.socket.close
    with talking_to(ScheduledLoop, closed, answer, clock_ns=after_the_end_was_seen_ns) as (loop, _):
        late = Schedule(seconds=NS_PER_S, offsets_ns=[NS_PER_S // 20])
        result = loop.run(late)

    assert result.hits == 1


def test_an_answer_that_nobody_asked_for_is_an_error() -> None:
    def talk(accepted: socket.socket) -> None:
        accepted.sendall(HIT)
        with contextlib.suppress(ConnectionResetError):
            accepted.recv(65536)

    with (
        talking_to(ScheduledLoop, talk) as (loop, _),
        pytest.raises(ClientError, match="an answer without a request"),
    ):
        loop.run(Schedule(seconds=PATIENCE_S, offsets_ns=[50 * NS_PER_S]))


def test_at_a_low_rate_the_generator_idles() -> None:
    looks = itertools.count()

    def counting_ns() -> int:
        next(looks)
        return perf_counter_ns()

    with loop_on(ScheduledLoop, WireService(), connections=4, clock_ns=counting_ns) as loop:
        result = loop.run(constant(20, seconds=1))

    # It looks at the clock in every turn; to turn all the time would be tens of thousands.
    assert next(looks) < 8_000
    assert 0 < result.client_cores < 4
