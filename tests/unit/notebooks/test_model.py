"""The formulas of the notebooks: distance, and the bounds of a closed loop."""

import pytest

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.analysis.model.cost import OURS, CostModel, Trips, farther, speedup_at
from notebooks.lib.costs import TUTORIAL, farthest_ms
from notebooks.lib.sweeps import closed_bound_per_s, response_by_little_ms, users_at_knee

MODEL = CostModel(app_ms=0.5, database_ms=5, hit_ms=0.2, miss_ms=0.8)


@pytest.mark.parametrize("trips", [OURS, TUTORIAL])
@pytest.mark.parametrize("hit_ratio", [0.3, 0.8, 1.0])
def test_at_the_farthest_place_reads_gain_nothing_and_lose_behind_it(
    hit_ratio: float, trips: Trips
) -> None:
    limit_ms = farthest_ms(MODEL, hit_ratio, trips)

    assert speedup_at(farther(MODEL, limit_ms, trips), hit_ratio) == pytest.approx(1)
    assert speedup_at(farther(MODEL, limit_ms + 0.1, trips), hit_ratio) < 1


def test_the_farthest_place_is_a_third_of_the_database_and_negative_where_the_cache_loses() -> None:
    # The cache loses from RTT >= d / 3, where everything hits and the answer itself costs nothing.
    assert farthest_ms(SEED_MODEL, 1.0, TUTORIAL) == pytest.approx(49 / 3)
    assert farthest_ms(MODEL, 0.0) == pytest.approx(-MODEL.miss_ms / OURS.miss)


def test_few_users_get_what_their_answers_take_and_many_what_the_bottleneck_gives() -> None:
    bounds = [
        closed_bound_per_s(users, response_ms=50, bottleneck_ms=5) for users in (1, 5, 10, 99)
    ]

    assert bounds == pytest.approx([20, 100, 200, 200])
    assert users_at_knee(response_ms=50, bottleneck_ms=5) == 10
    # Little's law: how long each of 40 threads is held.
    assert response_by_little_ms(40, rate_per_s=357) == pytest.approx(112, rel=0.001)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="an answer takes time"):
        closed_bound_per_s(1, response_ms=50, bottleneck_ms=0)
    with pytest.raises(ValueError, match="without answers"):
        response_by_little_ms(1, rate_per_s=0)
