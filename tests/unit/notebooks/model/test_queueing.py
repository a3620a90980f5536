import math
import random

import pytest

from benchmarks.analysis.claims.claim import SEED_MODEL
from notebooks.lib.model.omission import serve
from notebooks.lib.model.queueing import (
    ServiceTime,
    closed_bound_per_s,
    mean_response_ms,
    mean_wait_ms,
    response_by_little_ms,
    users_at_knee,
    utilization,
)

HIT, MISS = ServiceTime(SEED_MODEL.hit_ms), ServiceTime(SEED_MODEL.database_ms)
SEED = ServiceTime.mixture([(0.8, HIT), (0.2, MISS)])


def simulated_response_ms(rate_per_s: float, works_ms: list[float], seed: int) -> float:
    """Return the mean response of one server to Poisson arrivals."""
    rng = random.Random(seed)
    due_ms, now_ms = [], 0.0
    for _ in works_ms:
        now_ms += rng.expovariate(rate_per_s / 1000)
        due_ms.append(now_ms)
    return sum(each.since_due_ms for each in serve(due_ms, works_ms)) / len(works_ms)


def test_the_starting_document_s_mixture_is_far_from_regular() -> None:
    assert SEED.mean_ms == pytest.approx(10.8)
    assert SEED.square_ms2 == pytest.approx(0.8 * 1 + 0.2 * 2500)
    assert SEED.variation == pytest.approx(3.29, abs=0.005)
    assert SEED.capacity_per_s == pytest.approx(92.59, abs=0.005)


def test_a_mixture_of_mixtures_is_the_mixture() -> None:
    twice = ServiceTime.mixture([(0.5, SEED), (0.5, HIT)])

    assert twice.square_ms2 == pytest.approx(
        ServiceTime.mixture([(0.9, HIT), (0.1, MISS)]).square_ms2
    )


def test_a_mixture_of_equals_has_no_variation() -> None:
    assert ServiceTime.mixture([(0.1, HIT), (0.2, HIT), (0.7, HIT)]).variation == pytest.approx(0)


def test_a_regular_server_that_is_half_busy_lets_wait_for_half_a_service() -> None:
    assert mean_wait_ms(50, ServiceTime(10)) == pytest.approx(5)
    assert mean_response_ms(50, ServiceTime(10)) == pytest.approx(15)


def test_an_exponential_server_answers_in_the_mean_over_what_is_idle() -> None:
    # M/M/1: R = E[S] / (1 - rho).
    assert mean_response_ms(80, ServiceTime(10, variation=1)) == pytest.approx(10 / (1 - 0.8))


@pytest.mark.parametrize(("share", "speedup"), [(0.1, 4.67), (0.5, 5.5), (0.8, 9.6), (0.95, 31.3)])
def test_the_latency_gain_grows_with_the_load(share: float, speedup: float) -> None:
    rate = share * MISS.capacity_per_s

    gain = mean_response_ms(rate, MISS) / mean_response_ms(rate, SEED)

    assert gain == pytest.approx(speedup, rel=0.005)


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_the_mean_response_is_that_of_a_simulated_queue(share: float) -> None:
    rng = random.Random(5)
    works_ms = [1.0 if rng.random() < 0.8 else 50.0 for _ in range(100_000)]
    rate = share * SEED.capacity_per_s

    assert mean_response_ms(rate, SEED) == pytest.approx(
        simulated_response_ms(rate, works_ms, seed=6), rel=0.04
    )


def test_nobody_waits_where_nobody_comes() -> None:
    assert mean_wait_ms(0, SEED) == 0
    assert mean_response_ms(0, SEED) == SEED.mean_ms


@pytest.mark.parametrize("rate", [100, 101, 1e9])
def test_an_overloaded_server_has_no_mean_wait(rate: float) -> None:
    assert utilization(rate, ServiceTime(10)) >= 1
    assert mean_wait_ms(rate, ServiceTime(10)) == math.inf
    assert mean_response_ms(rate, ServiceTime(10)) == math.inf


def test_the_wait_is_never_negative_and_only_grows() -> None:
    waits = [mean_wait_ms(rate, SEED) for rate in range(200)]

    assert waits[0] == 0
    assert waits == sorted(waits)


def test_few_users_get_what_their_answers_take_and_many_what_the_bottleneck_gives() -> None:
    bounds = [
        closed_bound_per_s(users, response_ms=50, bottleneck_ms=5) for users in (1, 5, 10, 99)
    ]

    assert bounds == pytest.approx([20, 100, 200, 200])
    assert users_at_knee(response_ms=50, bottleneck_ms=5) == 10


def test_users_who_think_ask_less_often() -> None:
    bound = closed_bound_per_s(10, response_ms=50, bottleneck_ms=5, think_ms=950)

    assert bound == pytest.approx(10)
    assert users_at_knee(response_ms=50, bottleneck_ms=5, think_ms=950) == 200
    assert response_by_little_ms(10, rate_per_s=bound, think_ms=950) == pytest.approx(50)


def test_little_s_law_tells_how_long_each_of_40_threads_is_held() -> None:
    assert response_by_little_ms(40, rate_per_s=357) == pytest.approx(112, rel=0.001)


@pytest.mark.parametrize(("mean_ms", "variation"), [(0, 0), (-1, 0), (1, -0.1), (math.nan, 0)])
def test_a_service_that_cannot_be_is_refused(mean_ms: float, variation: float) -> None:
    with pytest.raises(ValueError, match="more than no time"):
        ServiceTime(mean_ms, variation)


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        ServiceTime.mixture([(0.5, HIT), (0.4, MISS)])
    with pytest.raises(ValueError, match="a rate"):
        mean_wait_ms(-1, HIT)
    with pytest.raises(ValueError, match="an answer takes time"):
        closed_bound_per_s(1, response_ms=50, bottleneck_ms=0)
    with pytest.raises(ValueError, match="nobody is answered"):
        response_by_little_ms(1, rate_per_s=0)
