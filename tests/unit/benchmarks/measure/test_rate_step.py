from typing import Any

import pytest

from benchmarks.measure.client import ClientError
from benchmarks.measure.open_loop import NEVER, OpenResult
from benchmarks.measure.rate_step import RateTurn, summarise

TURN = RateTurn(place=3, round=1, rate=4, variant="cached")
MS = 1_000_000


def result(**changes: Any) -> OpenResult:
    """Make a second with four arrivals, one of which had to wait and one got no answer."""
    values: dict[str, Any] = {
        "seconds": 1.0,
        "intended_ns": [100 * MS, 400 * MS, 600 * MS, 900 * MS],
        "sent_ns": [100 * MS, 450 * MS, 600 * MS, 900 * MS],
        "ended_ns": [110 * MS, 510 * MS, 620 * MS, NEVER],
        "lags_ns": [0, 2 * MS],
        "hits": 3,
        "statuses": {200: 2, 503: 1},
        "elapsed_s": 2.0,
        "client_cores": 0.3,
    }
    return OpenResult(**(values | changes))


def test_a_step_accounts_for_every_arrival_from_its_intended_start_and_from_the_send() -> None:
    step = summarise(result(), TURN, connections=2, service_cores=0.25)

    assert (step.place, step.round, step.rate, step.variant) == TURN
    assert (step.arrivals, step.answered, step.errors, step.hits) == (4, 3, 1, 3)
    assert (step.service_cores, step.client_cores) == (0.25, 0.3)
    assert (step.p50_us, step.max_us) == (20_000, 110_000)
    assert (step.service_p50_us, step.service_mean_us) == (20_000, 30_000)
    assert step.lag_p99_us == pytest.approx(1980)
    # The halves are those of the schedule.
    assert step.arrivals_second_half == 2
    assert (step.first_half_p50_us, step.second_half_p50_us) == (60_000, 20_000)
    # At 0.5 s the second had no answer yet, at 1 s the last had none.
    assert (step.backlog_middle, step.backlog_end) == (1, 1)


def test_an_answer_in_the_drain_comes_after_the_end_and_what_was_not_seen_has_no_figure() -> None:
    late = result(ended_ns=[110 * MS, 510 * MS, 1020 * MS, 1100 * MS], statuses={200: 4})

    step = summarise(late, TURN, connections=2, service_cores=None)

    assert (step.answered, step.backlog_end) == (4, 2)
    assert step.service_cores is None
    # A half without an answer, and arrivals that found no connection free.
    bare = result(ended_ns=[110 * MS, 510 * MS, NEVER, NEVER], lags_ns=[])
    step = summarise(bare, TURN, connections=2, service_cores=None)
    assert (step.second_half_p50_us, step.lag_p99_us) == (None, None)
    silent = result(ended_ns=[NEVER] * 4, statuses={})
    with pytest.raises(ClientError, match="cached answered none of 4 requests at 4/s"):
        summarise(silent, TURN, connections=2, service_cores=None)
