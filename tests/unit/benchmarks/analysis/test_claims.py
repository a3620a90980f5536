import math

import pytest

from benchmarks.analysis.claims import CLAIMS, SEED_MODEL, CostModel

FAR = CostModel(app_ms=1.2, database_ms=50, hit_ms=0.15, miss_ms=1.5)
NEAR = CostModel(app_ms=1.2, database_ms=1.2, hit_ms=0.15, miss_ms=1.5)
HEAVY = CostModel(app_ms=3, database_ms=50, hit_ms=1, miss_ms=2)


def test_the_seed_s_own_numbers_give_4_63_and_not_5() -> None:
    assert SEED_MODEL.uncached_total_ms(5) == 250
    assert SEED_MODEL.cached_total_ms(5) == 54
    assert SEED_MODEL.speedup(5) == pytest.approx(4.63, abs=0.005)
    assert CLAIMS["C1"].ratio == pytest.approx(250 / 54)


def test_six_reads_are_the_first_to_reach_5x() -> None:
    assert SEED_MODEL.reads_needed(5) == 6
    assert SEED_MODEL.speedup(6) == pytest.approx(300 / 55)
    assert SEED_MODEL.limit == 50


@pytest.mark.parametrize("database_ms", [0.1, 1, 50, 1e6])
@pytest.mark.parametrize("reads", [2, 5, 6, 100])
def test_from_a_cold_cache_n_reads_never_reach_n(database_ms: float, reads: int) -> None:
    model = CostModel(app_ms=0, database_ms=database_ms, hit_ms=0.001, miss_ms=0)

    assert model.speedup(reads) < reads


@pytest.mark.parametrize(
    ("model", "five", "limit"), [(FAR, 4.41, 37.9), (HEAVY, 3.73, 13.25), (NEAR, 1.30, 1.78)]
)
def test_the_model_gives_the_worked_examples_of_the_method(
    model: CostModel, five: float, limit: float
) -> None:
    assert model.speedup(5) == pytest.approx(five, abs=0.01)
    assert model.limit == pytest.approx(limit, abs=0.05)


@pytest.mark.parametrize("model", [SEED_MODEL, FAR, HEAVY])
@pytest.mark.parametrize("speedup", [1.01, 2, 4.63, 5, 10])
def test_the_reads_needed_are_the_first_that_suffice(model: CostModel, speedup: float) -> None:
    reads = model.reads_needed(speedup)

    assert reads is not None
    assert model.speedup(reads) >= speedup - 1e-9
    assert reads == 1 or model.speedup(reads - 1) < speedup


def test_beyond_the_limit_no_number_of_reads_suffices() -> None:
    assert NEAR.reads_needed(5) is None
    assert SEED_MODEL.reads_needed(50) is None


def test_a_whole_number_of_reads_is_not_rounded_up() -> None:
    assert SEED_MODEL.reads_needed(SEED_MODEL.speedup(7)) == 7


def test_a_free_hit_has_no_limit() -> None:
    assert CostModel(app_ms=0, database_ms=1, hit_ms=0, miss_ms=0).limit == math.inf


def test_measured_means_make_the_same_totals() -> None:
    model = CostModel.from_means(uncached_ms=51.2, miss_ms=52.7, hit_ms=1.35)

    assert model.speedup(5) == pytest.approx(FAR.speedup(5))
