import math

import pytest

from benchmarks.analysis.model.cost import CostModel

SEED = CostModel(app_ms=0, database_ms=50, hit_ms=1, miss_ms=0)
FAR = CostModel(app_ms=1.2, database_ms=50, hit_ms=0.15, miss_ms=1.5)
NEAR = CostModel(app_ms=1.2, database_ms=1.2, hit_ms=0.15, miss_ms=1.5)
HEAVY = CostModel(app_ms=3, database_ms=50, hit_ms=1, miss_ms=2)


@pytest.mark.parametrize(
    ("model", "reads", "speedup"),
    [
        (SEED, 1, 1),
        (SEED, 5, 4.63),
        (SEED, 6, 5.45),
        (SEED, 10, 8.47),
        (FAR, 5, 4.41),
        (HEAVY, 5, 3.73),
        (NEAR, 5, 1.29),
    ],
)
def test_the_worked_speedups_come_out(model: CostModel, reads: int, speedup: float) -> None:
    assert model.speedup(reads) == pytest.approx(speedup, abs=0.005)


@pytest.mark.parametrize(
    ("model", "limit", "reads_for_5"),
    [(SEED, 50, 6), (FAR, 38, 6), (HEAVY, 13.25, 8), (NEAR, 1.8, None)],
)
def test_the_worked_limits_and_numbers_of_reads_come_out(
    model: CostModel, limit: float, reads_for_5: int | None
) -> None:
    assert model.limit == pytest.approx(limit, abs=0.15)
    assert model.reads_needed(5) == reads_for_5
    # No database is slow enough for five reads to be five times faster.
    assert model.database_needed_ms(5, reads=5) is None


def test_the_totals_are_those_of_reads_one_by_one() -> None:
    reads = [FAR.miss_total_ms, *[FAR.hit_total_ms] * 4]

    assert FAR.cached_total_ms(5) == pytest.approx(sum(reads))
    assert FAR.uncached_total_ms(5) == pytest.approx(5 * FAR.uncached_ms)


@pytest.mark.parametrize("database_ms", [0.1, 1, 50, 1e6])
@pytest.mark.parametrize("reads", [2, 5, 6, 100])
def test_from_a_cold_cache_n_reads_never_reach_n(database_ms: float, reads: int) -> None:
    model = CostModel(app_ms=0, database_ms=database_ms, hit_ms=0.001, miss_ms=0)

    assert model.speedup(reads) < reads


@pytest.mark.parametrize("model", [SEED, FAR, HEAVY])
@pytest.mark.parametrize("speedup", [1.01, 2, 4.63, 5, 10])
def test_the_reads_needed_are_the_first_that_suffice(model: CostModel, speedup: float) -> None:
    reads = model.reads_needed(speedup)

    assert reads is not None
    assert model.speedup(reads) >= speedup - 1e-9
    assert reads == 1 or model.speedup(reads - 1) < speedup


def test_a_whole_number_of_reads_is_not_rounded_up() -> None:
    assert SEED.reads_needed(SEED.speedup(7)) == 7


def test_the_database_latency_needed_gives_exactly_the_speedup() -> None:
    needed_ms = FAR.database_needed_ms(5, reads=8)

    assert needed_ms is not None
    model = CostModel(app_ms=1.2, database_ms=needed_ms, hit_ms=0.15, miss_ms=1.5)
    assert model.speedup(8) == pytest.approx(5)


def test_a_free_hit_has_no_limit() -> None:
    free = CostModel(app_ms=0, database_ms=50, hit_ms=0, miss_ms=0)

    assert math.isinf(free.limit)


def test_the_split_of_the_app_time_does_not_change_the_speedups() -> None:
    means = CostModel.from_means(
        uncached_ms=FAR.uncached_ms, miss_ms=FAR.miss_total_ms, hit_ms=FAR.hit_total_ms
    )

    assert [means.speedup(n) for n in (1, 5, 9)] == pytest.approx(
        [FAR.speedup(n) for n in (1, 5, 9)]
    )
    assert means.reads_needed(5) == FAR.reads_needed(5)
