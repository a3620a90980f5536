import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest

from benchmarks.measure.arrivals import NEVER, Course, Schedule, poisson

MS = 1_000_000
HEAD = b"HTTP/1.1 200 OK\r\n"


@dataclass
class Clock:
    """Stands still until it is set."""

    ns: int = 7_000_000_000

    def __call__(self) -> int:
        return self.ns


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


def course(clock: Clock, *, at_ms: Sequence[int], seconds: float = 1, backlog: int = 9) -> Course:
    offsets_ns = [moment * MS for moment in at_ms]
    schedule = Schedule(seconds=seconds, offsets_ns=offsets_ns)
    return Course(schedule, clock_ns=clock, backlog=backlog, drain_s=0.5)


def test_poisson_arrivals_follow_from_the_seed_with_exponential_gaps_of_the_right_mean() -> None:
    schedule, again, other = (poisson(1000, seconds=20, seed=seed) for seed in ("a", "a", "b"))

    assert schedule == again != other

    gaps_ms = [(later - earlier) / MS for earlier, later in pairwise(schedule.offsets_ns)]
    assert statistics.fmean(gaps_ms) == pytest.approx(1, rel=0.03)
    # Of an exponential distribution the deviation equals the mean.
    assert statistics.stdev(gaps_ms) == pytest.approx(1, rel=0.05)
    assert 0 <= schedule.offsets_ns[0] <= max(schedule.offsets_ns) < 20_000 * MS


def test_arrivals_become_due_by_the_schedule_and_a_late_generator_lags_by_as_much(
    clock: Clock,
) -> None:
    run = course(clock, at_ms=[0, 10, 20])
    assert run.advance() == 0
    assert [run.send(), run.waiting] == [0, False]

    clock.ns += 15 * MS
    run.advance()

    assert [run.waiting, run.send(), run.waiting] == [True, 1, False]
    assert list(run.sent_ns) == [0, 15 * MS, NEVER]
    assert list(run.lags_ns) == [0, 5 * MS]


def test_waiting_for_a_connection_is_no_lag_of_the_generator(clock: Clock) -> None:
    run = course(clock, at_ms=[0, 10, 40])
    run.advance()
    first = run.send()
    clock.ns += 30 * MS
    run.advance()
    run.answer(first, HEAD, frees=True)
    run.send()

    clock.ns += 11 * MS
    run.advance()
    run.send()

    # The second came at 10 ms and found the only connection busy until 30 ms.
    assert list(run.lags_ns) == [0, 1 * MS]
    assert list(run.sent_ns) == [0, 30 * MS, 41 * MS]


def test_an_answer_is_kept_with_its_arrival(clock: Clock) -> None:
    run = course(clock, at_ms=[0, 1])
    clock.ns += 2 * MS
    run.advance()
    _, second = run.send(), run.send()

    clock.ns += 3 * MS
    run.answer(second, HEAD, frees=False)

    assert list(run.ended_ns) == [NEVER, 5 * MS]
    assert run.answers.statuses == {200: 1}


def test_beyond_the_backlog_nothing_is_sent_and_the_end_comes_soon(clock: Clock) -> None:
    run = course(clock, at_ms=range(20), backlog=4)
    run.advance()
    run.send()

    clock.ns += 6 * MS
    run.advance()

    assert (run.waiting, run.all_sent, run.end_ns) == (False, True, 506 * MS)
    clock.ns += 10 * MS
    run.advance()
    assert (run.all_sent, run.end_ns) == (True, 506 * MS)


def test_an_answer_that_will_never_come_leaves_the_backlog(clock: Clock) -> None:
    run = course(clock, at_ms=range(10), backlog=1)

    for _ in range(10):
        run.advance()
        assert run.waiting
        run.send()
        run.lose(frees=False)
        clock.ns += MS

    assert list(run.ended_ns) == [NEVER] * 10
    assert NEVER not in run.sent_ns


@pytest.mark.parametrize(
    ("gap_ms", "spin_us"), [(100, 400), (1, 200)], ids=["low rate", "high rate"]
)
def test_it_idles_until_shortly_before_the_next_arrival_and_after_the_last_for_answers_only(
    clock: Clock, gap_ms: int, spin_us: int
) -> None:
    run = course(clock, at_ms=[0, gap_ms], seconds=2 * gap_ms / 1000)
    run.advance()
    run.send()

    assert gap_ms * MS - run.wake_ns == spin_us * 1000
    clock.ns += gap_ms * MS
    run.advance()
    assert run.wake_ns == run.end_ns == (2 * gap_ms + 500) * MS
