from dataclasses import asdict

from benchmarks.measure.regimes import REGIMES
from benchmarks.report.plots import rows
from tests.unit.benchmarks.report.plots.drawn import everything, session_run, target_run


def test_only_regimes_that_claims_are_judged_in_are_taken() -> None:
    run = session_run(regimes=("native", "db+20ms"))

    assert {row["regime"] for row in run["series"]["timeline"]} == {"native", "db+20ms"}
    assert {row["regime"] for row in rows.claimed(run, "timeline")} == {"native"}


def test_a_run_without_a_series_has_no_rows() -> None:
    run = {"regimes": [asdict(REGIMES["native"])]}

    assert rows.claimed(run, "timeline") == []
    assert rows.of_session([]) == []


def test_the_session_goes_before_other_scenarios() -> None:
    others = [{"scenario": "writes"}, {"scenario": "session"}]

    assert rows.of_session(others) == [{"scenario": "session"}]
    assert rows.of_session(others[:1]) == others[:1]


def test_a_ceiling_is_no_service() -> None:
    run = session_run("uncached", "cached", "static")
    found = rows.of_services(run, rows.claimed(run, "timeline"))

    assert rows.variants_of(found) == ["uncached", "cached"]


def test_foreign_services_are_not_judged_by_the_starting_document() -> None:
    assert rows.claimed_ratios(session_run()) == [4.62963, 5.0]
    assert rows.claimed_ratios(target_run()) == []
    assert rows.caching(target_run()) == set()


def test_measured_places_are_the_sessions_with_a_near_redis_and_the_mixes() -> None:
    run = everything()
    model = run["models"][0]
    found = list(rows.measured(run, model))
    wait_ms = run["summaries"][0]["database_ms"]

    assert found[0].name == "native"
    assert found[0].database_ms == wait_ms + model["fit"]["work_ms"]
    assert {place.role for place in found} == {"claim", "sweep", "mix"}
    assert not [place.name for place in found if "redis" in place.name]
    assert {mix["scenario"] for mix in run["workloads"]} <= {place.name for place in found}


def test_numbers_keep_their_digits_and_what_is_missing_is_empty() -> None:
    entry = {"a": 1.23456, "b": None, "c": 3, "d": "text", "e": True}

    assert rows.cells(entry, "abcde") == ["1.23456", "", "3", "text", "True"]
