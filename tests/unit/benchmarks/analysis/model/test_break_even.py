import math
from dataclasses import replace

import pytest

from benchmarks.analysis.model.cost import (
    CostModel,
    Lookup,
    break_even_database_ms,
    break_even_hit_ratio,
    hit_ratio_needed,
    least_database_ms,
    lookups_ms,
    mean_read_ms,
    speedup_at,
)
from tests.unit.benchmarks.analysis.model.test_cost import FAR, HEAVY, NEAR, SEED


@pytest.mark.parametrize("model", [SEED, FAR, NEAR, HEAVY])
@pytest.mark.parametrize("reads", [1, 2, 5, 40])
def test_n_cold_reads_are_the_hit_ratio_of_n_minus_one_in_n(model: CostModel, reads: int) -> None:
    assert speedup_at(model, (reads - 1) / reads) == pytest.approx(model.speedup(reads))


def test_one_lookup_is_the_plain_model_and_several_add_up() -> None:
    one = Lookup(hit_ratio=0.7, hit_ms=0.15, database_ms=50, miss_ms=1.5)
    user = Lookup(hit_ratio=0.9, hit_ms=0.2, database_ms=10, miss_ms=1)

    assert lookups_ms(1.2, [one]) == pytest.approx(mean_read_ms(FAR, 0.7))
    assert lookups_ms(1.2, [user, one]) == pytest.approx(
        mean_read_ms(FAR, 0.7) + 0.9 * 0.2 + 0.1 * 11
    )


@pytest.mark.parametrize("model", [FAR, NEAR, HEAVY])
def test_at_the_break_even_hit_ratio_nothing_is_won_or_lost(model: CostModel) -> None:
    ratio = break_even_hit_ratio(model)

    assert ratio is not None
    assert speedup_at(model, ratio) == pytest.approx(1)


def test_beside_a_near_database_three_in_five_reads_have_to_hit() -> None:
    assert break_even_hit_ratio(NEAR) == pytest.approx(0.59, abs=0.005)
    assert NEAR.limit == pytest.approx(1.8, abs=0.05)


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


def test_five_times_beside_a_near_database_is_impossible_at_any_hit_ratio() -> None:
    assert hit_ratio_needed(NEAR, 5) is None
    assert speedup_at(NEAR, 1) < 5


@pytest.mark.parametrize(("model", "least_ms"), [(FAR, 5.55), (HEAVY, 17)])
def test_five_times_needs_the_worked_database_latency_even_if_all_reads_hit(
    model: CostModel, least_ms: float
) -> None:
    assert least_database_ms(model, 5) == pytest.approx(least_ms)
    assert hit_ratio_needed(replace(model, database_ms=least_ms), 5) == pytest.approx(1)
    assert hit_ratio_needed(replace(model, database_ms=least_ms - 0.01), 5) is None


@pytest.mark.parametrize("hit_ratio", [0, 0.5, 1])
def test_what_both_do_bounds_the_speedup(hit_ratio: float) -> None:
    assert speedup_at(HEAVY, hit_ratio) <= HEAVY.uncached_ms / HEAVY.app_ms
