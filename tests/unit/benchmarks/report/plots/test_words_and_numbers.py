"""What figures say and what their tables hold; nothing is drawn here."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.analysis.model.cost import CostModel, speedup_at
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import bounds, times
from benchmarks.report.plots import (
    break_even,
    figures,
    forest,
    percentiles,
    spans,
    speedups,
    style,
)
from benchmarks.report.plots.rows import cells
from benchmarks.report.results import assemble
from tests.unit.benchmarks.report.plots.drawn import made
from tests.unit.benchmarks.report.runs import (
    everything,
    session_run,
    target_run,
    with_ratio,
)
from tests.unit.benchmarks.simulate import header

MODEL = CostModel(app_ms=0.5, database_ms=5, hit_ms=0.6, miss_ms=0.9)


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the drawing out, which takes nearly all of the time."""
    monkeypatch.setattr(style, "to_svg", lambda *_, **__: "")


def test_a_run_has_the_figures_that_it_has_data_for_only() -> None:
    slow = session_run(regimes=("50ms-per-request",))
    unmodelled = session_run("uncached", "naive", regimes=("native",))

    assert figures(assemble(header(), [])) == []
    assert [spans.make(slow), percentiles.make(slow)] == [None, None]
    for make in (break_even.make_curves, break_even.make_map):
        assert make(target_run()) is make(unmodelled) is None


def test_a_forest_has_each_ratio_and_explains_the_claims_that_are_in_it() -> None:
    run = session_run(regimes=("native", "a/a"))
    figure, bare = made(forest.make(run)), made(forest.make(replace(run, noise=(), verdicts=())))
    ratio = run.summaries[0].ratios[0]
    shown = ratio.shown

    assert shown is not None
    assert "the claimed 4.63x and 5x" in figure.caption
    assert "claimed" not in bare.caption
    assert figure.table.rows == [
        [*of, *(f"{end:g}" for end in (found.centre, found.low, found.high))]
        for of, found in [
            (("session", "native", "cached"), shown),
            *((("a/a", "-", each.variant), each.ratio) for each in run.noise),
        ]
    ]
    assert f"to {times(ratio.ratio)} {bounds(shown)}." in figure.alt


def test_the_speedup_after_n_reads_is_measured_and_then_predicted() -> None:
    run = session_run(regimes=("native",))
    figure = made(speedups.make_by_reads(run))
    measured = [row[1:6] for row in figure.table.rows if row[-1] == "measurement"]

    assert measured == [
        ["cached", *cells(row, ("reads", "speedup", "low", "high"))]
        for row in run.series.cumulative
    ]
    assert {row[2]: row[3] for row in figure.table.rows if row[-1] == "model"} == {
        reads: f"{value:g}" for reads, value in run.models[0].speedup_by_reads.items()
    }
    for said in ("the claimed 4.63x and 5x", "The dotted line is n itself", "the cost model"):
        assert said in figure.caption
    assert f"native, cached: S(5) = {run.series.cumulative[-1].speedup:.2f}x." in figure.alt


@pytest.mark.parametrize(
    ("make", "series", "said"),
    [
        (percentiles.make, "percentiles", "session, cached: p50 1."),
        (
            spans.make,
            "spans",
            "uncached bypass: database 4.00, service 0.50, network and client 0.",
        ),
    ],
)
def test_a_table_holds_what_is_drawn_and_the_alternative_text_the_numbers_that_matter(
    make: Callable[[Results], Figure | None], series: str, said: str
) -> None:
    run = session_run(regimes=("native", "50ms-per-request"))
    figure = made(make(run))

    assert figure.table.rows == [
        cells(row, figure.table.headings)
        for row in getattr(run.series, series)
        if row.regime == "native"
    ]
    assert said in figure.alt


def test_the_map_is_the_speedup_of_the_model_everywhere() -> None:
    xs, ys, grid = break_even.surface(MODEL)

    assert (xs[0], xs[-1], ys[0], ys[-1]) == pytest.approx((0.2, 200, 0, 1))
    for row, column in ((0, 0), (10, 50), (40, 20), (59, 59)):
        there = replace(MODEL, database_ms=float(xs[column]))
        assert grid[row, column] == speedup_at(there, float(ys[row]))
    assert break_even.contours(MODEL) == [1, 2, 5, 10, 20]
    assert break_even.contours(replace(MODEL, hit_ms=50)) == [1, 2]


def test_the_map_s_points_are_the_sessions_with_a_near_redis_and_the_mixes() -> None:
    run = everything()
    fitted = run.models[0]
    rows = made(break_even.make_map(run)).table.rows
    wait_ms = run.summaries[0].database_ms

    assert wait_ms is not None
    assert rows[0][:2] == ["native", f"{wait_ms + fitted.fit.work_ms:g}"]
    assert {each.scenario for each in run.workloads} <= {row[0] for row in rows}
    assert not [row for row in rows if "redis" in row[0]]
    for _, database_ms, hit_ratio, _, predicted in rows:
        there = replace(fitted.fit.model, database_ms=float(database_ms))
        assert float(predicted) == pytest.approx(speedup_at(there, float(hit_ratio)), rel=1e-4)


def test_the_curves_are_the_model_s_and_the_points_those_of_its_database() -> None:
    run = session_run(regimes=("native", "50ms-per-request"))
    model = run.models[0].fit.model
    rows = made(break_even.make_curves(run)).table.rows

    assert len(rows) == 4 * 11 + 1
    assert rows[-1][0] == "measured, native"
    for _, database_ms, share, value in rows[:-1]:
        expected = speedup_at(replace(model, database_ms=float(database_ms)), float(share))
        assert float(value) == pytest.approx(expected, rel=1e-4)


def test_the_sweep_holds_what_went_through_the_proxy_and_two_points_are_no_curve() -> None:
    regimes = ("native", "redis+0ms", "redis+1ms", "redis+5ms")
    run = with_ratio(session_run(regimes=regimes), case=1, shown=None)
    figure = made(speedups.make_by_distance(run))
    first, last = (run.summaries[case].ratios[0].ratio for case in (1, 3))

    assert [row[:3] for row in figure.table.rows] == [
        [f"redis+{each}ms", "cached", each] for each in "015"
    ]
    assert figure.table.rows[0][4:] == ["", ""]
    assert figure.alt == f"cached: {first:.2f}x at 0 ms, {last:.2f}x at 5 ms."
    assert speedups.make_by_distance(session_run(regimes=regimes[:3])) is None
