import math
from dataclasses import replace

import pytest

from benchmarks.analysis.model.cost import (
    CostModel,
    break_even_database_ms,
    break_even_hit_ratio,
    hit_ratio_needed,
    least_database_ms,
    speedup_at,
)

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


@pytest.mark.parametrize("model", [SEED, FAR, HEAVY])
@pytest.mark.parametrize("speedup", [1.01, 2, 4.63, 5, 10, SEED.speedup(7)])
def test_the_reads_needed_are_the_first_that_suffice(model: CostModel, speedup: float) -> None:
    reads = model.reads_needed(speedup)

    assert reads is not None
    assert model.speedup(reads) >= speedup - 1e-9
    assert reads == 1 or model.speedup(reads - 1) < speedup


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
    # A mean miss that is faster than a read without a cache is noise.
    assert CostModel.from_means(uncached_ms=5, miss_ms=4, hit_ms=1).miss_ms == 0


@pytest.mark.parametrize("model", [SEED, FAR, NEAR, HEAVY])
@pytest.mark.parametrize("reads", [1, 2, 5, 40])
def test_n_cold_reads_are_the_hit_ratio_of_n_minus_one_in_n(model: CostModel, reads: int) -> None:
    assert speedup_at(model, (reads - 1) / reads) == pytest.approx(model.speedup(reads))


@pytest.mark.parametrize("model", [FAR, NEAR, HEAVY])
def test_at_the_break_even_hit_ratio_nothing_is_won_or_lost(model: CostModel) -> None:
    ratio = break_even_hit_ratio(model)

    assert ratio is not None
    assert speedup_at(model, ratio) == pytest.approx(1)


@pytest.mark.parametrize("hit_ms", [1.2, 5])
def test_a_hit_that_is_no_faster_than_the_database_never_pays(hit_ms: float) -> None:
    assert break_even_hit_ratio(replace(NEAR, hit_ms=hit_ms)) is None


@pytest.mark.parametrize("hit_ratio", [0.1, 0.59, 0.8, 1])
def test_at_the_break_even_latency_nothing_is_won_or_lost(hit_ratio: float) -> None:
    database_ms = break_even_database_ms(FAR, hit_ratio)

    assert speedup_at(replace(FAR, database_ms=database_ms), hit_ratio) == pytest.approx(1)


def test_a_cache_that_never_hits_pays_for_no_database_and_a_hit_ratio_is_a_share() -> None:
    assert math.isinf(break_even_database_ms(FAR, 0))
    with pytest.raises(ValueError, match="0 to 1"):
        break_even_database_ms(FAR, 1.2)


@pytest.mark.parametrize(("model", "ratio"), [(SEED, 0.8163), (FAR, 0.827)])
def test_five_times_takes_the_worked_hit_ratios(model: CostModel, ratio: float) -> None:
    needed = hit_ratio_needed(model, 5)

    assert needed == pytest.approx(ratio, abs=0.0005)
    assert speedup_at(model, needed or 0) == pytest.approx(5)


@pytest.mark.parametrize(("model", "least_ms"), [(FAR, 5.55), (HEAVY, 17)])
def test_five_times_needs_the_worked_database_latency_even_if_all_reads_hit(
    model: CostModel, least_ms: float
) -> None:
    assert least_database_ms(model, 5) == pytest.approx(least_ms)
    assert hit_ratio_needed(replace(model, database_ms=least_ms), 5) == pytest.approx(1)
    assert hit_ratio_needed(replace(model, database_ms=least_ms - 0.01), 5) is None
