import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.analysis.model.cost import (
    CostModel,
    Writes,
    break_even_database_ms,
    break_even_hit_ratio,
    hit_ratio_needed,
    least_database_ms,
    speedup_at,
)

FAR = CostModel(app_ms=1.2, database_ms=50, hit_ms=0.15, miss_ms=1.5)
NEAR = CostModel(app_ms=1.2, database_ms=1.2, hit_ms=0.15, miss_ms=1.5)
HEAVY = CostModel(app_ms=3, database_ms=50, hit_ms=1, miss_ms=2, invalidation_ms=1.3)
MODELS = st.builds(
    CostModel,
    app_ms=st.floats(0, 5),
    database_ms=st.floats(0.5, 100),
    hit_ms=st.floats(0.05, 5),
    miss_ms=st.floats(0.01, 5),
    invalidation_ms=st.floats(0, 5),
)
SPEEDUPS = st.floats(1.01, 10)
WRITES = st.builds(Writes, share=st.floats(0, 0.9), write_ms=st.floats(1, 60))


@pytest.mark.parametrize(
    ("model", "speedup", "limit", "reads_for_5", "ratio_for_5"),
    [
        (SEED_MODEL, 4.63, 50, 6, 0.8163),
        (FAR, 4.41, 37.93, 6, 0.827),
        (HEAVY, 3.73, 13.25, 8, 0.871),
        (NEAR, 1.29, 1.78, None, None),
    ],
)
def test_the_worked_examples_come_out(
    model: CostModel,
    speedup: float,
    limit: float,
    reads_for_5: int | None,
    ratio_for_5: float | None,
) -> None:
    assert model.speedup(5) == pytest.approx(speedup, abs=0.005)
    assert model.limit == pytest.approx(limit, abs=0.005)
    assert model.reads_needed(5) == reads_for_5
    assert hit_ratio_needed(model, 5) == (ratio_for_5 and pytest.approx(ratio_for_5, abs=0.0005))


@given(MODELS, SPEEDUPS)
def test_the_reads_needed_are_the_first_that_suffice(model: CostModel, speedup: float) -> None:
    reads = model.reads_needed(speedup)

    if reads is None:
        assert model.limit <= speedup
        assert model.speedup(10_000) < speedup
    else:
        assert model.speedup(reads) >= speedup - 1e-6
        assert reads == 1 or model.speedup(reads - 1) < speedup


def test_a_whole_number_of_reads_is_not_rounded_up() -> None:
    assert [SEED_MODEL.reads_needed(SEED_MODEL.speedup(n)) for n in range(1, 30)] == [*range(1, 30)]


def test_a_free_hit_has_no_limit() -> None:
    assert math.isinf(replace(SEED_MODEL, hit_ms=0).limit)


@given(MODELS)
def test_the_split_of_the_app_time_does_not_change_the_speedups(model: CostModel) -> None:
    means = CostModel.from_means(
        uncached_ms=model.uncached_ms, miss_ms=model.miss_total_ms, hit_ms=model.hit_total_ms
    )

    assert [means.speedup(n) for n in (1, 5, 9)] == pytest.approx(
        [model.speedup(n) for n in (1, 5, 9)]
    )


def test_a_mean_miss_that_is_faster_than_a_read_without_a_cache_is_noise() -> None:
    assert CostModel.from_means(uncached_ms=5, miss_ms=4, hit_ms=1).miss_ms == 0


@given(MODELS, st.integers(1, 40))
def test_n_cold_reads_are_the_hit_ratio_of_n_minus_one_in_n(model: CostModel, reads: int) -> None:
    assert speedup_at(model, (reads - 1) / reads) == pytest.approx(model.speedup(reads))


def test_the_mean_operation_is_read_by_read_and_write_by_write() -> None:
    uncached_ms, cached_ms = 0.75 * 53 + 0.25 * 60, 0.75 * (0.6 * 4 + 0.4 * 55) + 0.25 * 61.3

    found = speedup_at(HEAVY, 0.6, Writes(share=0.25, write_ms=60))

    assert found == pytest.approx(uncached_ms / cached_ms)


@given(MODELS, WRITES)
def test_at_the_break_even_hit_ratio_nothing_is_won_or_lost(
    model: CostModel, writes: Writes
) -> None:
    ratio = break_even_hit_ratio(model, writes)

    if ratio is None:
        assert speedup_at(model, 1.0, writes) <= 1 + 1e-9
    else:
        assert ratio <= 1
        assert speedup_at(model, ratio, writes) == pytest.approx(1)


@given(MODELS, st.floats(0.01, 1))
def test_at_the_break_even_latency_nothing_is_won_or_lost(model: CostModel, ratio: float) -> None:
    slower = replace(model, database_ms=break_even_database_ms(model, ratio))

    assert speedup_at(slower, ratio) == pytest.approx(1)
    assert math.isinf(break_even_database_ms(model, 0))


@given(MODELS, SPEEDUPS)
def test_the_hit_ratio_needed_just_suffices_and_there_is_one_for_a_slow_enough_database(
    model: CostModel, speedup: float
) -> None:
    least_ms = least_database_ms(model, speedup)
    ratio = hit_ratio_needed(replace(model, database_ms=1.01 * least_ms), speedup)

    assert ratio is not None
    assert speedup_at(replace(model, database_ms=1.01 * least_ms), ratio) == pytest.approx(speedup)
    assert hit_ratio_needed(replace(model, database_ms=0.99 * least_ms), speedup) is None
