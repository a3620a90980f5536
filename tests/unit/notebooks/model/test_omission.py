from statistics import fmean, median

import pytest

from notebooks.lib.model.omission import Served, Stall, as_wrk, back_filled, serve


def test_requests_that_do_not_meet_start_when_they_are_due() -> None:
    served = serve([0, 10, 20], [1, 2, 3])

    assert [(each.start_ms, each.end_ms) for each in served] == [(0, 1), (10, 12), (20, 23)]
    assert [each.since_due_ms for each in served] == [each.since_start_ms for each in served]


def test_a_request_that_meets_another_one_starts_after_it() -> None:
    served = serve([0, 1, 2], [5, 5, 5])

    assert served[2] == Served(due_ms=2, start_ms=10, end_ms=15)
    assert served[2].since_start_ms == 5
    assert served[2].since_due_ms == 13


@pytest.mark.parametrize(
    ("start_ms", "end_ms"),
    [(0, 2), (8, 10), (9, 21), (10, 22), (15, 22), (20, 22), (25, 27)],
)
def test_a_stall_stops_the_work_that_it_meets_and_no_other(start_ms: float, end_ms: float) -> None:
    assert Stall(start_ms=10, end_ms=20).finish_ms(start_ms, work_ms=2) == end_ms


def test_a_stall_is_one_slow_request_from_the_send_and_many_from_when_they_were_due() -> None:
    served = serve([10 * n for n in range(100)], [1.0] * 100, Stall(start_ms=100, end_ms=400))

    assert sum(each.since_start_ms > 10 for each in served) == 1
    # Those due at 100, 110, ... 390, and those that the queue behind them still holds up.
    assert sum(each.since_due_ms > 10 for each in served) == 33
    assert max(each.since_due_ms for each in served) == pytest.approx(301)


def test_every_request_needs_its_work() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        serve([0, 1], [1])


def test_wrk_adds_what_would_have_come_during_a_slow_answer() -> None:
    assert sorted(back_filled([1, 50], 11)) == [1, 17, 28, 39, 50]


@pytest.mark.parametrize(
    ("time_ms", "added"), [(10, []), (19.9, []), (20, []), (21, [11]), (30, [20]), (31, [21, 11])]
)
def test_nothing_is_added_up_to_twice_the_interval_nor_at_the_interval_itself(
    time_ms: float, added: list[float]
) -> None:
    assert back_filled([time_ms], 10)[1:] == pytest.approx(added)


def test_back_filling_turns_a_cache_that_is_4_6_times_as_fast_into_one_of_2_9() -> None:
    cached, uncached = [1.2] * 80 + [50.5] * 20, [50.5] * 100

    assert fmean(uncached) / fmean(cached) == pytest.approx(4.6, abs=0.05)
    assert fmean(as_wrk(uncached)) / fmean(as_wrk(cached)) == pytest.approx(2.9, abs=0.05)
    assert fmean(as_wrk(cached)) == pytest.approx(17.5, abs=0.1)


def test_times_that_are_all_alike_are_left_as_they_are() -> None:
    assert as_wrk([5.0, 5.1, 4.9]) == [5.0, 5.1, 4.9]


def test_the_median_of_a_cache_that_hits_often_moves_to_where_nothing_was_measured() -> None:
    times_ms = [1.0] * 79 + [50.0] * 21

    assert median(times_ms) == 1
    assert not {1.0, 50.0} & {median(as_wrk(times_ms))}


def test_what_has_no_mean_or_no_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        as_wrk([])
    with pytest.raises(ValueError, match="above 0"):
        back_filled([1.0], 0)
