from dataclasses import replace

import pytest

from benchmarks.analysis.model.cost import Writes, speedup_at
from benchmarks.analysis.model.fit import Source, fit
from benchmarks.analysis.model.residuals import Residual, residuals
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.model.requests import TRUTH, WRITE_MS, sessions, writes

CACHED = Source(variant="cached")


def of(samples: list[Sample]) -> dict[tuple[str, str, str], Residual]:
    found = residuals(fit(samples, CACHED), samples)
    return {(each.scenario, each.regime, each.what.partition(",")[0]): each for each in found}


def test_a_regime_that_was_not_fitted_is_predicted_from_its_database_time_alone() -> None:
    found = of([*sessions(), *sessions(regime="50ms", delay_ms=50)])

    assert {what for _, _, what in found} == {"a miss", "a hit", "S"}
    assert all(abs(each.error) < 1e-9 for each in found.values())
    slower = replace(TRUTH, database_ms=55)
    assert found["session", "50ms", "S"].predicted == pytest.approx(slower.speedup(5))


def test_what_the_model_was_fitted_to_does_not_confirm_it() -> None:
    assert residuals(fit(sessions(), CACHED), sessions()) == []
    assert of([*sessions(), *writes()]) == {}


def test_another_scenario_of_the_same_regime_is_predicted_at_its_own_hit_ratio() -> None:
    found = of([*sessions(), *sessions(scenario="hits", warm=True)])

    warm = found["hits", "native", "S"]
    assert warm.what == "S, hit ratio 1.00"
    assert warm.predicted == pytest.approx(TRUTH.limit)
    assert warm.error == pytest.approx(0)
    assert ("hits", "native", "a miss") not in found


@pytest.mark.parametrize(("slower_ms", "flagged"), [(0.14, False), (0.2, True), (-0.2, True)])
def test_a_prediction_that_is_off_by_more_than_a_tenth_is_flagged(
    slower_ms: float,
    flagged: bool,  # noqa: FBT001
) -> None:
    # A hit takes 1.5 ms.
    found = of([*sessions(), *sessions(regime="50ms", delay_ms=50, slower_hit_ms=slower_ms)])

    assert found["session", "50ms", "a hit"].flagged is flagged
    assert found["session", "50ms", "a hit"].error * -slower_ms > 0
    assert not found["session", "50ms", "a miss"].flagged


@pytest.mark.parametrize("slower_ms", [0, 5])
def test_a_write_is_predicted_from_the_reference_s_and_flagged_where_it_costs_more(
    slower_ms: float,
) -> None:
    found = of([*sessions(), *writes(), *writes(regime="50ms", slower_ms=slower_ms)])

    write = found["writes", "50ms", "a write"]
    assert write.flagged is bool(slower_ms)
    assert bool(slower_ms) or write.error == pytest.approx(0)


def test_a_mix_is_predicted_at_its_own_hit_ratio_and_share_of_writes() -> None:
    mix = [replace(each, scenario="mix") for each in [*sessions(), *writes()]]

    found = of([*sessions(), *writes(), *mix])

    overall = found["mix", "native", "S"]
    assert overall.what == "S, hit ratio 0.80, 9% writes"
    expected = Writes(share=20 / 220, write_ms=WRITE_MS)
    assert overall.predicted == pytest.approx(speedup_at(TRUTH, 0.8, expected))
    assert overall.error == pytest.approx(0)


def test_a_group_without_the_variant_or_the_span_is_left_out() -> None:
    alone = [read for read in sessions(regime="a") if read.variant == "uncached"]
    without = sessions(regime="b", spans=False)

    assert of([*sessions(), *alone, *without]) == {}
