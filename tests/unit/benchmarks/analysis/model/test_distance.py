import pytest

from benchmarks.analysis.model.cost import CostModel
from benchmarks.analysis.model.distance import Trips, farther

MODEL = CostModel(app_ms=0.5, database_ms=5, hit_ms=0.2, miss_ms=0.8)


def test_every_round_trip_of_a_hit_and_of_a_miss_takes_longer() -> None:
    far = farther(MODEL, 2, Trips(hit=3, miss=5))

    assert (far.hit_ms, far.miss_ms) == pytest.approx((6.2, 10.8))
    assert (far.app_ms, far.database_ms) == (MODEL.app_ms, MODEL.database_ms)


def test_a_cache_that_is_no_farther_is_the_same() -> None:
    assert farther(MODEL, 0) == MODEL
