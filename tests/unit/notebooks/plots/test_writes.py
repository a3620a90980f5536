import copy
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.analysis.model.writes import Writes, overall_speedup
from benchmarks.report.figure import Figure
from benchmarks.report.results import Results
from notebooks.lib.plots.writes import WriteCase, make
from tests.unit.benchmarks.report.plots.drawn import (
    assert_readable,
    made,
    session_run,
    target_run,
    texts,
)

SEED = WriteCase("seed", SEED_MODEL, SEED_MODEL.database_ms)


@cache
def native() -> Results:
    """Return a session without writes; nobody may change it."""
    return session_run(regimes=("native",))


def written_run(**changes: Any) -> Results:
    """Return a run with a fitted price of writes and one mix that holds some."""
    run = copy.deepcopy(native())
    run["models"][0]["fit"]["write_ms"] = 20.0
    mix = {
        "scenario": "half-writes",
        "variant": "cached",
        "operations": 100,
        "writes": 50,
        "hit_ratio": 0.3,
        "speedup": {"centre": 1.25, "low": 1.2, "high": 1.3},
    }
    run["workloads"] = [{**mix, **changes}]
    return run


@cache
def drawn() -> Figure:
    return made(make(written_run()))


def test_the_starting_document_reaches_5x_up_to_the_shares_that_it_must() -> None:
    assert SEED.speedup(0.1837, "reads") == pytest.approx(5, abs=0.005)
    assert SEED.speedup(0.0965, "all operations") == pytest.approx(5, abs=0.01)
    assert SEED.speedup(0.5, "reads") == pytest.approx(50 / 25.5)


def test_without_writes_both_are_what_a_hit_gains() -> None:
    assert SEED.speedup(0, "reads") == SEED.speedup(0, "all operations") == pytest.approx(50)


def test_a_mix_with_writes_is_a_point_beside_what_was_foreseen_at_its_own_hits() -> None:
    figure = drawn()
    (row,) = [row for row in figure.table.rows if row[0].startswith("measured")]
    model = replace(SEED_MODEL, **written_run()["models"][0]["fit"]["model"])
    expected = overall_speedup(model, Writes(share=0.5, write_ms=20.0), 0.3)

    assert row[:5] == ["measured, half-writes", "0.5", "all operations", "0.3", "1.25"]
    assert float(row[5]) == pytest.approx(expected, rel=1e-4)


def test_lines_and_marks_are_named_and_readable() -> None:
    figure = drawn()

    assert {"reads", "all operations", "measured", "foreseen", "this run"} <= {*texts(figure)}
    assert_readable(figure)


@pytest.mark.parametrize("changes", [{"writes": 0}, {"speedup": None}, {"variant": "naive"}])
def test_a_mix_that_says_nothing_of_writes_is_no_point(changes: dict[str, Any]) -> None:
    figure = made(make(written_run(**changes)))

    assert "measured" not in texts(figure)
    assert not [row for row in figure.table.rows if row[0].startswith("measured")]


def test_how_many_writes_reads_stand_is_said() -> None:
    alt = drawn().alt

    assert "the tutorial's 50 ms and 1 ms: all operations 8.65x with 5 % writes" in alt
    assert "reads reach 5x up to 18.4% writes" in alt


def test_reads_that_never_get_there_are_said_not_to() -> None:
    run = written_run()
    run["models"][0]["wanted"] = 60.0

    assert "reads never reach 60x" in made(make(run)).alt


def test_without_a_price_of_writes_or_a_model_there_is_no_figure() -> None:
    assert make(native()) is None
    assert make(target_run()) is None


def test_the_same_results_give_the_same_bytes() -> None:
    assert make(written_run()) == drawn()
