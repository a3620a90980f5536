from dataclasses import astuple, replace

import pytest

from benchmarks.analysis.model.cost import speedup_at
from benchmarks.analysis.model.fit import CannotFit, Source, fit
from tests.unit.benchmarks.analysis.model.requests import TRUTH, WORK_MS, WRITE_MS, sessions, writes

CACHED = Source(variant="cached")


def test_the_costs_that_the_requests_were_made_of_are_found_again() -> None:
    fitted = fit([*sessions(), *writes()], CACHED)

    assert astuple(fitted.model) == pytest.approx(astuple(TRUTH))
    assert fitted.write_ms == pytest.approx(WRITE_MS)
    assert fitted.work_ms == pytest.approx(WORK_MS)
    assert fitted.wait_ms == pytest.approx(TRUTH.database_ms - WORK_MS)


def test_a_slower_database_changes_what_is_waited_for_and_nothing_else() -> None:
    fitted = fit(sessions(), CACHED)

    slower = fitted.at(fitted.wait_ms + 50)

    assert astuple(slower) == pytest.approx(
        astuple(replace(TRUTH, database_ms=55, invalidation_ms=0))
    )


def test_other_regimes_scenarios_and_variants_do_not_touch_the_model() -> None:
    others = [
        *sessions(regime="50ms", delay_ms=50),
        *sessions(scenario="hits", warm=True, slower_hit_ms=3),
        *[replace(read, variant="naive", duration_s=9.0) for read in sessions()],
    ]

    assert fit([*sessions(), *others], CACHED) == fit(sessions(), CACHED)


def test_without_writes_their_overhead_is_not_known() -> None:
    fitted = fit(sessions(), CACHED)

    assert fitted.write_ms is None
    assert fitted.model.invalidation_ms == 0


def test_what_only_a_hit_does_is_not_counted_as_done_by_both() -> None:
    # A hit that unpacks for 4 ms: its rest beside the span is more than an uncached read's.
    samples = [
        replace(read, duration_s=read.duration_s + 0.004) if read.outcome == "hit" else read
        for read in sessions()
    ]

    model = fit(samples, CACHED).model

    assert model.app_ms == pytest.approx(TRUTH.app_ms + WORK_MS)
    assert model.hit_total_ms == pytest.approx(TRUTH.hit_total_ms + 4)
    assert speedup_at(model, 0) == pytest.approx(speedup_at(TRUTH, 0))


@pytest.mark.parametrize(
    ("source", "spans", "missing"),
    [
        (Source(variant="cached", reference="nobody"), True, "an uncached read of nobody"),
        (Source(variant="static"), True, "a hit of static"),
        (Source(variant="cached", regime="50ms"), True, "regime 50ms"),
        (Source(variant="cached", scenario="mix"), True, "scenario mix"),
        (CACHED, False, r"the database's span \(db\)"),
    ],
)
def test_a_model_of_what_was_not_measured_says_what_is_missing(
    source: Source,
    spans: bool,  # noqa: FBT001
    missing: str,
) -> None:
    with pytest.raises(CannotFit, match=missing):
        fit(sessions(spans=spans), source)


def test_a_farther_redis_costs_a_hit_one_round_trip_and_a_miss_two() -> None:
    near = fit(sessions(), CACHED)

    far = near.at(5.0, redis_ms=2.0)

    assert far.hit_total_ms == pytest.approx(near.at(5.0).hit_total_ms + 2)
    assert far.miss_total_ms == pytest.approx(near.at(5.0).miss_total_ms + 4)
    assert far.uncached_ms == near.at(5.0).uncached_ms
