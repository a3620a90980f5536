import pytest

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.analysis.model.break_even import speedup_at
from benchmarks.analysis.model.cost import OURS, CostModel, Trips, farther
from notebooks.lib.model.distance import TUTORIAL, farthest_ms

MODEL = CostModel(app_ms=0.5, database_ms=5, hit_ms=0.2, miss_ms=0.8)


@pytest.mark.parametrize("trips", [OURS, TUTORIAL])
@pytest.mark.parametrize("hit_ratio", [0.3, 0.8, 1.0])
def test_at_the_farthest_place_reads_gain_nothing_and_lose_behind_it(
    hit_ratio: float, trips: Trips
) -> None:
    limit_ms = farthest_ms(MODEL, hit_ratio, trips)

    assert speedup_at(farther(MODEL, limit_ms, trips), hit_ratio) == pytest.approx(1)
    assert speedup_at(farther(MODEL, limit_ms + 0.1, trips), hit_ratio) < 1


def test_a_cache_that_loses_here_would_have_to_be_nearer() -> None:
    assert farthest_ms(MODEL, 0.0) == pytest.approx(-MODEL.miss_ms / OURS.miss)


def test_three_round_trips_lose_from_about_a_third_of_the_database_on() -> None:
    # METHOD 4: RTT >= d / 3, where everything hits and the answer itself costs nothing.
    assert farthest_ms(SEED_MODEL, 1.0, TUTORIAL) == pytest.approx(49 / 3)
