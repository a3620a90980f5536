"""The formulas of the notebooks: distance, coordinated omission, queues."""

import math
import random
from statistics import fmean, median

import pytest

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.analysis.model.cost import OURS, CostModel, Trips, farther, speedup_at
from notebooks.lib.costs import TUTORIAL, farthest_ms
from notebooks.lib.omission import Served, Stall, as_wrk, back_filled, serve
from notebooks.lib.queueing import (
    ServiceTime,
    closed_bound_per_s,
    mean_response_ms,
    mean_wait_ms,
    response_by_little_ms,
    users_at_knee,
    utilization,
)

MODEL = CostModel(app_ms=0.5, database_ms=5, hit_ms=0.2, miss_ms=0.8)
HIT, MISS = ServiceTime(SEED_MODEL.hit_ms), ServiceTime(SEED_MODEL.database_ms)
SEED = ServiceTime.mixture([(0.8, HIT), (0.2, MISS)])


@pytest.mark.parametrize("trips", [OURS, TUTORIAL])
@pytest.mark.parametrize("hit_ratio", [0.3, 0.8, 1.0])
def test_at_the_farthest_place_reads_gain_nothing_and_lose_behind_it(
    hit_ratio: float, trips: Trips
) -> None:
    limit_ms = farthest_ms(MODEL, hit_ratio, trips)

    assert speedup_at(farther(MODEL, limit_ms, trips), hit_ratio) == pytest.approx(1)
    assert speedup_at(farther(MODEL, limit_ms + 0.1, trips), hit_ratio) < 1


def test_the_farthest_place_is_a_third_of_the_database_and_negative_where_the_cache_loses() -> None:
    # METHOD 4: RTT >= d / 3, where everything hits and the answer itself costs nothing.
    assert farthest_ms(SEED_MODEL, 1.0, TUTORIAL) == pytest.approx(49 / 3)
    assert farthest_ms(MODEL, 0.0) == pytest.approx(-MODEL.miss_ms / OURS.miss)


def test_a_request_starts_when_it_is_due_and_one_that_meets_another_after_it() -> None:
    alone, crowded = serve([0, 10, 20], [1, 2, 3]), serve([0, 1, 2], [5, 5, 5])

    assert [(each.start_ms, each.end_ms) for each in alone] == [(0, 1), (10, 12), (20, 23)]
    assert [each.since_due_ms for each in alone] == [each.since_start_ms for each in alone]
    assert crowded[2] == Served(due_ms=2, start_ms=10, end_ms=15)
    assert (crowded[2].since_start_ms, crowded[2].since_due_ms) == (5, 13)
    with pytest.raises(ValueError, match="argument 2"):
        serve([0, 1], [1])


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


@pytest.mark.parametrize(
    ("time_ms", "added"), [(10, []), (19.9, []), (20, []), (21, [11]), (30, [20]), (31, [21, 11])]
)
def test_wrk_adds_nothing_up_to_twice_the_interval_nor_at_the_interval_itself(
    time_ms: float, added: list[float]
) -> None:
    assert back_filled([time_ms], 10) == pytest.approx([time_ms, *added])


def test_back_filling_turns_a_cache_that_is_4_6_times_as_fast_into_one_of_2_9() -> None:
    cached, uncached = [1.2] * 80 + [50.5] * 20, [50.5] * 100
    often = [1.0] * 79 + [50.0] * 21

    assert fmean(uncached) / fmean(cached) == pytest.approx(4.6, abs=0.05)
    assert fmean(as_wrk(uncached)) / fmean(as_wrk(cached)) == pytest.approx(2.9, abs=0.05)
    assert fmean(as_wrk(cached)) == pytest.approx(17.5, abs=0.1)
    # The median moves to where nothing was measured, unless all times are alike.
    assert median(often) == 1
    assert not {1.0, 50.0} & {median(as_wrk(often))}
    assert as_wrk([5.0, 5.1, 4.9]) == [5.0, 5.1, 4.9]


def test_the_starting_document_s_mixture_is_far_from_regular_and_one_of_equals_is_not() -> None:
    twice = ServiceTime.mixture([(0.5, SEED), (0.5, HIT)])
    once = ServiceTime.mixture([(0.9, HIT), (0.1, MISS)])

    assert SEED.mean_ms == pytest.approx(10.8)
    assert SEED.square_ms2 == pytest.approx(0.8 * 1 + 0.2 * 2500)
    assert SEED.variation == pytest.approx(3.29, abs=0.005)
    assert SEED.capacity_per_s == pytest.approx(92.59, abs=0.005)
    assert twice.square_ms2 == pytest.approx(once.square_ms2)
    assert ServiceTime.mixture([(0.1, HIT), (0.2, HIT), (0.7, HIT)]).variation == pytest.approx(0)


def test_how_long_a_request_waits_is_what_the_textbooks_say() -> None:
    waits = [mean_wait_ms(rate, SEED) for rate in range(200)]

    # Half busy and regular: half a service. M/M/1: R = E[S] / (1 - rho).
    assert mean_wait_ms(50, ServiceTime(10)) == pytest.approx(5)
    assert mean_response_ms(50, ServiceTime(10)) == pytest.approx(15)
    assert mean_response_ms(80, ServiceTime(10, variation=1)) == pytest.approx(10 / (1 - 0.8))
    assert mean_response_ms(0, SEED) == SEED.mean_ms
    assert waits[0] == 0
    assert waits == sorted(waits)
    # An overloaded server has no mean.
    for rate in (100, 101, 1e9):
        assert utilization(rate, ServiceTime(10)) >= 1
        assert mean_wait_ms(rate, ServiceTime(10)) == math.inf


def test_the_mean_response_is_that_of_a_simulated_queue() -> None:
    rate, works, arrivals = 0.8 * SEED.capacity_per_s, random.Random(5), random.Random(6)
    works_ms, due_ms = [], [0.0]
    for _ in range(100_000):
        works_ms.append(1.0 if works.random() < 0.8 else 50.0)
        due_ms.append(due_ms[-1] + arrivals.expovariate(rate / 1000))

    simulated_ms = fmean(each.since_due_ms for each in serve(due_ms[1:], works_ms))

    assert mean_response_ms(rate, SEED) == pytest.approx(simulated_ms, rel=0.04)


def test_few_users_get_what_their_answers_take_and_many_what_the_bottleneck_gives() -> None:
    bounds = [
        closed_bound_per_s(users, response_ms=50, bottleneck_ms=5) for users in (1, 5, 10, 99)
    ]

    assert bounds == pytest.approx([20, 100, 200, 200])
    assert users_at_knee(response_ms=50, bottleneck_ms=5) == 10
    # Little's law: how long each of 40 threads is held.
    assert response_by_little_ms(40, rate_per_s=357) == pytest.approx(112, rel=0.001)


def test_what_cannot_be_is_refused() -> None:
    for mean_ms, variation in ((0, 0), (-1, 0), (1, -0.1), (math.nan, 0)):
        with pytest.raises(ValueError, match="more than no time"):
            ServiceTime(mean_ms, variation)
    with pytest.raises(ValueError, match="add up to 1"):
        ServiceTime.mixture([(0.5, HIT), (0.4, MISS)])
    with pytest.raises(ValueError, match="a rate"):
        mean_wait_ms(-1, HIT)
    with pytest.raises(ValueError, match="an answer takes time"):
        closed_bound_per_s(1, response_ms=50, bottleneck_ms=0)
    with pytest.raises(ValueError, match="nobody is answered"):
        response_by_little_ms(1, rate_per_s=0)
    with pytest.raises(ValueError, match="at least one"):
        as_wrk([])
    with pytest.raises(ValueError, match="above 0"):
        back_filled([1.0], 0)
