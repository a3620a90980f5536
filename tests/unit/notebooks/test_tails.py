from benchmarks.analysis.claims.claim import SEED_MODEL
from notebooks.lib import tails
from notebooks.lib.plots.queueing import ClosedSystem
from notebooks.lib.stored import published

OFF = ClosedSystem("uncached", {1: [20, 20], 8: [100, 100]}, 5.0)
ON = ClosedSystem("cached", {1: [500, 500], 8: [1000, 1000]}, 0.9)


def test_a_lone_request_gains_another_factor_than_all_of_them_together() -> None:
    said = tails.two_gains(OFF, ON)

    # 50 ms and 2 ms alone; 1 000 and 100 per second together.
    assert "**25.00x** as fast" in said
    assert "1 000 and 100 answers per second: **10.00x** as many" in said


def test_a_database_that_waits_longer_changes_what_a_hit_gains_and_not_how_many_there_can_be() -> (
    None
):
    said = tails.far_database(SEED_MODEL, OFF, ON)

    # 100 ms without a cache, 1 ms for a hit; the database is busy for 10 ms of each request.
    assert "now **100x** as fast" in said
    assert "But 10 connections are enough" in said
    assert "still give 100 per second. The cache carries **10.00x** as much" in said


def test_the_rounds_that_a_formula_foresaw_are_counted() -> None:
    figure = tails.queueing.make_open(published().results)
    assert figure is not None

    judged = [row for row in figure.table.rows if row[3] == "stable"]
    assert f"Of {len(judged)} judged rounds " in tails.inside_the_band(figure)


def test_only_a_mixture_of_fast_and_slow_answers_is_corrected_by_wrk() -> None:
    recorded = {"uncached": [50.0] * 5, "cached": [50.0] + [1.0] * 4}

    as_it_was, as_printed = tails.corrected(recorded).rows

    assert as_it_was[1:] == ("1.00", "10.8", "50.0", "4.63x")
    assert as_printed[3] == "50.0"
    # With T = 10.8 ms, 50 ms bring 39.2, 28.4 and 17.6 ms that nobody measured.
    assert as_printed[2] == "17.4"


def test_reads_of_a_session_are_found_in_the_published_run() -> None:
    recorded = tails.recorded_ms(published())

    assert set(recorded) == {"uncached", "cached"}
    assert min(recorded["uncached"]) > 50
