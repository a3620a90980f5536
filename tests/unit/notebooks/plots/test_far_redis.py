from functools import cache

import pytest

from benchmarks.report.figure import Figure
from benchmarks.report.results import Results
from notebooks.lib.model.distance import TUTORIAL, farthest_ms
from notebooks.lib.plots.far_redis import foreseen, make
from notebooks.lib.plots.fitted import Fitted
from tests.unit.benchmarks.report.plots.drawn import (
    assert_readable,
    made,
    session_run,
    target_run,
    texts,
)

REDIS = ("native", "redis+0ms", "redis+1ms", "redis+5ms")


@cache
def run() -> Results:
    """Return a session in the native regime and behind the proxy; nobody may change it."""
    return session_run(regimes=REDIS)


@cache
def drawn() -> Figure:
    return made(make(run()))


def test_both_ways_to_ask_are_named_and_readable() -> None:
    figure = drawn()

    assert {"1 round trip per hit", "3, as in the tutorial", "measured"} <= {*texts(figure)}
    assert_readable(figure)


def test_the_points_are_those_of_the_regimes_behind_the_proxy() -> None:
    rows = [row for row in drawn().table.rows if row[0].startswith("measured")]
    by_regime = {each["regime"]: each["ratios"][0] for each in run()["summaries"]}

    assert [row[:2] for row in rows] == [
        ["measured, redis+0ms", "0"],
        ["measured, redis+1ms", "1"],
        ["measured, redis+5ms", "5"],
    ]
    for row in rows:
        ratio = by_regime[row[0].removeprefix("measured, ")]
        assert row[2:] == [
            f"{value:g}"
            for value in (ratio["ratio"], ratio["shown"]["low"], ratio["shown"]["high"])
        ]


def test_the_curve_starts_at_the_speedup_of_the_model_and_loses_where_it_says() -> None:
    fitted = Fitted.of(run())
    assert fitted is not None
    limit_ms = farthest_ms(fitted.model, 0.8)

    assert foreseen(fitted, 0.8, 0) == pytest.approx(fitted.model.speedup(5), rel=1e-6)
    assert foreseen(fitted, 0.8, limit_ms) == pytest.approx(1)
    assert f"1 round trip per hit: {limit_ms:.2g} ms" in drawn().caption
    assert foreseen(fitted, 0.8, 1, TUTORIAL) < foreseen(fitted, 0.8, 1)


def test_points_without_an_interval_are_drawn_all_the_same() -> None:
    bare = session_run(regimes=REDIS)
    bare["summaries"][1]["ratios"][0]["shown"] = None

    assert made(make(bare)).table.rows[0][3:] == ["", ""]


def test_two_points_are_no_curve_and_no_model_no_figure() -> None:
    assert make(session_run(regimes=("native", "redis+0ms", "redis+1ms"))) is None
    assert make(target_run()) is None


def test_the_same_results_give_the_same_bytes() -> None:
    assert make(run()) == drawn()
