"""What figures say and what their tables hold; nothing is drawn here but what is measured."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.model.cost import CostModel, speedup_at
from benchmarks.analysis.model.residuals import Residual
from benchmarks.analysis.quantities.open_loop import Figures, RatePoint
from benchmarks.analysis.quantities.series import HitRatioRow
from benchmarks.report.computed import OpenLoopResult, Results
from benchmarks.report.figures import bounds, times
from benchmarks.report.plots import (
    break_even,
    cumulative,
    figures,
    forest,
    hit_ratio,
    percentiles,
    rates,
    requests,
    residuals,
    spans,
    style,
    sweep,
    timeline,
)
from benchmarks.report.plots.rows import cells, measured
from benchmarks.report.results import assemble
from tests.unit.benchmarks.report.plots.drawn import made, texts
from tests.unit.benchmarks.report.runs import (
    everything,
    mix,
    session_run,
    target_run,
    with_endpoint,
    with_ratio,
)
from tests.unit.benchmarks.simulate import header, scenario, variants

MODEL = CostModel(app_ms=0.5, database_ms=5, hit_ms=0.6, miss_ms=0.9)


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the drawing out, which takes nearly all of the time."""
    monkeypatch.setattr(style, "to_svg", lambda *_, **__: "")


def native(**series: Any) -> Results:
    """Compute a session on the database as it is, with other series."""
    run = session_run(regimes=("native",))
    return replace(run, series=replace(run.series, **series))


@pytest.mark.parametrize("name", ["timeline", "percentiles", "spans"])
def test_the_table_of_a_series_holds_its_rows(name: str) -> None:
    regimes = ("native", "db+20ms") if name == "timeline" else ("native", "50ms-per-request")
    run = session_run(regimes=regimes)
    make = {"timeline": timeline.make, "percentiles": percentiles.make, "spans": spans.make}[name]
    table = made(make(run)).table

    own = [row for row in getattr(run.series, name) if row.regime == "native"]
    assert own
    assert table.rows == [cells(row, table.headings) for row in own]


def test_a_run_has_the_figures_that_it_has_data_for_only() -> None:
    slow = session_run(regimes=("50ms-per-request",))
    none = assemble(header(), [])
    unmodelled = session_run("uncached", "naive", regimes=("native",))

    assert figures(none) == []
    assert [spans.make(slow), percentiles.make(slow)] == [None, None]
    for make in (break_even.make, break_even.make_map, residuals.make):
        assert make(target_run()) is make(unmodelled) is None
    for make in (sweep.make_database, sweep.make_redis):
        assert make(target_run()) is None


# forest


def test_a_forest_explains_the_claims_and_the_noise_that_are_in_it() -> None:
    run = session_run(regimes=("native", "a/a"))
    figure, bare = made(forest.make(run)), made(forest.make(replace(run, noise=(), verdicts=())))
    ratio = run.summaries[0].ratios[0]
    shown = ratio.shown

    assert shown is not None
    assert "the claimed 4.63x and 5x" in figure.caption
    assert "claimed" not in bare.caption
    assert "band" not in bare.caption
    assert figure.table.rows[0] == [
        *("session", "native", "cached"),
        *(f"{each:g}" for each in (ratio.ratio, shown.low, shown.high)),
    ]
    assert [row[:3] for row in figure.table.rows[1:]] == [
        ["a/a", "-", each.variant] for each in run.noise
    ]
    assert f"cached, session, native: {times(ratio.ratio)} {bounds(shown)}" in figure.alt


# timeline, cumulative, percentiles, spans


def test_the_first_and_the_last_request_are_told_beside_what_the_document_says() -> None:
    run = session_run(times_ms={"bypass": 50, "miss": 52, "hit": 1})
    figure = made(timeline.make(run))
    first = next(row for row in run.series.timeline if row.variant == "cached")

    assert f"native, cached: first {first.p50_ms:.1f} ms, last 1.0" in figure.alt
    assert "the tutorial's 50 ms for a read without Redis and 1 ms for a hit" in (figure.caption)


def test_a_cold_cache_is_spoken_of_where_there_is_a_cache() -> None:
    run = native()
    alone = tuple(row for row in run.series.timeline if row.variant == "uncached")

    assert "cold cache" in made(timeline.make(run)).caption
    assert "cold cache" not in made(timeline.make(native(timeline=alone))).caption
    assert "some requests hit and others miss" in made(percentiles.make(run)).caption


def test_the_speedup_after_n_reads_is_measured_and_then_predicted() -> None:
    run = native()
    figure = made(cumulative.make(run))
    rows = [row for row in figure.table.rows if row[-1] == "measurement"]

    assert [row[1:6] for row in rows] == [
        ["cached", *cells(row, ("reads", "speedup", "low", "high"))]
        for row in run.series.cumulative
    ]
    assert {row[2]: row[3] for row in figure.table.rows if row[-1] == "model"} == {
        reads: f"{value:g}" for reads, value in run.models[0].speedup_by_reads.items()
    }
    for said in ("the claimed 4.63x and 5x", "The dotted line is n itself", "the cost model"):
        assert said in figure.caption
    assert "apart" not in figure.caption


def test_what_lies_below_n_is_counted() -> None:
    run = session_run(regimes=("native",), times_ms={"bypass": 50, "miss": 52, "hit": 1})
    first, second, *others = run.series.cumulative
    rows = (first, replace(second, speedup=2.5), *others)
    figure = made(cumulative.make(replace(run, series=replace(run.series, cumulative=rows))))

    assert f"native, cached: S(5) = {rows[-1].speedup:.2f}x" in figure.alt
    assert "Of 4 values after more than one read 3 lie below n." in figure.alt


def test_the_median_and_the_tail_are_told_as_far_as_they_go() -> None:
    run = native()
    found = {row.percentile: row.ms for row in run.series.percentiles if row.variant == "cached"}

    assert max(found) < 95
    assert f"session, cached: p50 {found[50]:.2f} ms" in made(percentiles.make(run)).alt


def test_the_parts_of_a_request_and_the_whole_are_told() -> None:
    run = native()
    alt = made(spans.make(run)).alt

    assert [row.outcome for row in run.series.spans] == ["bypass", "hit", "miss"]
    assert "uncached bypass: database 4.00, service 0.50, network and client 0." in alt
    assert f"together {run.series.spans[0].total_ms:.2f} ms" in alt


# break-even and its map


def test_the_map_is_the_speedup_of_the_model_everywhere() -> None:
    xs, ys, grid = break_even.surface(MODEL)

    assert (xs[0], xs[-1], ys[0], ys[-1]) == pytest.approx((0.2, 200, 0, 1))
    for row, column in ((0, 0), (10, 50), (40, 20), (59, 59)):
        there = replace(MODEL, database_ms=float(xs[column]))
        assert grid[row, column] == speedup_at(there, float(ys[row]))
    assert break_even.contours(MODEL) == [1, 2, 5, 10, 20]
    assert break_even.contours(replace(MODEL, hit_ms=50)) == [1, 2]


def test_the_map_s_table_holds_each_point_with_what_was_predicted() -> None:
    run = everything()
    model = run.models[0].fit.model
    shown = break_even.contours(model)
    figure = made(break_even.make_map(run))

    assert figure.table.rows == [
        [
            point.name,
            *(f"{each:g}" for each in (point.database_ms, point.hit_ratio, point.speedup)),
            f"{speedup_at(replace(model, database_ms=point.database_ms), point.hit_ratio):g}",
        ]
        for point in measured(run, run.models[0])
    ]
    assert f"hit ratio 0.80, {float(figure.table.rows[0][3]):.2f}x" in figure.alt
    assert f"the lines mark {', '.join(f'{each}x' for each in shown)}." in figure.caption


def test_of_services_that_are_not_ours_the_requests_with_hits_and_misses_have_a_curve() -> None:
    run = target_run()
    assert requests.make(run) is None

    seen = with_endpoint(run, costs=MODEL, hit_ratio=0.5)
    figure = made(requests.make(seen))
    curve = {float(share): float(value) for _, share, value in figure.table.rows}

    assert {name for name, *_ in figure.table.rows} == {"b: list"}
    assert curve[0.5] == pytest.approx(speedup_at(MODEL, 0.5), rel=1e-4)
    assert f"{times(curve[1])} when every request hits, measured at a hit ratio of 0.50" in (
        figure.alt
    )
    long = with_endpoint(seen, action="GET /a/path/that/is/longer/than/the/legend/has/room/for")
    assert len(made(requests.make(long)).table.rows[0][0]) <= 44


def test_the_curves_are_the_model_s_and_the_points_those_of_its_database() -> None:
    run = session_run(regimes=("native", "50ms-per-request"))
    [entry] = run.models
    model = entry.fit.model
    figure = made(break_even.make(run))

    assert len(figure.table.rows) == 4 * 11 + 1
    assert figure.table.rows[-1][0] == "measured, native"
    for _, database_ms, share, value in figure.table.rows[:-1]:
        expected = speedup_at(replace(model, database_ms=float(database_ms)), float(share))
        assert float(value) == pytest.approx(expected, rel=1e-4)
    least = f"a cache is worth it from a hit ratio of {entry.break_even_hit_ratio:.2f} on"
    assert f"{model.database_ms:.3g} ms, {least}" in figure.alt

    never = replace(run, models=(replace(entry, break_even_hit_ratio=None),))
    assert "a cache is never worth it." in made(break_even.make(never)).alt


# sweeps


def test_the_database_sweep_holds_every_regime_with_a_near_redis() -> None:
    regimes = ("native", "db+5ms", "db+20ms")
    run = with_ratio(session_run(regimes=(*regimes, "redis+1ms")), shown=None)
    figure = made(sweep.make_database(run))
    summaries = {each.regime: each for each in run.summaries}

    assert [row[0] for row in figure.table.rows] == list(regimes)
    assert figure.table.rows[0][4:] == ["", ""]
    for regime, variant, *numbers in figure.table.rows[1:]:
        ratio = summaries[regime].ratios[0]
        assert ratio.shown is not None
        shown = (ratio.ratio, ratio.shown.low, ratio.shown.high)
        assert variant == "cached"
        assert numbers == [f"{each:g}" for each in (summaries[regime].database_ms, *shown)]
    first, last = (summaries[each].ratios[0].ratio for each in (regimes[0], regimes[-1]))
    assert figure.alt == f"cached: {first:.2f}x at 4 ms, {last:.2f}x at 24 ms."
    assert "The dashed lines are 1 and 5, the number of reads" in figure.caption
    assert "apart" not in figure.caption


def test_the_redis_sweep_holds_what_went_through_the_proxy() -> None:
    run = session_run(regimes=("native", "redis+0ms", "redis+1ms", "redis+5ms"))

    assert [row[:3] for row in made(sweep.make_redis(run)).table.rows] == [
        [f"redis+{each}ms", "cached", each] for each in "015"
    ]


def test_two_points_are_no_curve() -> None:
    run = session_run(regimes=("native", "db+5ms", "redis+0ms", "redis+1ms"))

    assert [sweep.make_database(run), sweep.make_redis(run)] == [None, None]


# hit ratio


def over_time(variant: str, *hit_ratios: float, regime: str = "native") -> list[HitRatioRow]:
    return [
        HitRatioRow(
            scenario="zipf",
            regime=regime,
            variant=variant,
            operation=10.0 * place + 5,
            hit_ratio=value,
            reads=40,
        )
        for place, value in enumerate(hit_ratios)
    ]


def mix_run(*rows: HitRatioRow, run: Results | None = None, changes: bool = False) -> Results:
    base = run or session_run("uncached", "cached", "static", regimes=("native", "a/a"))
    return replace(
        base,
        scenarios=(*base.scenarios, scenario("zipf", kind="mix", changes=changes)),
        series=replace(base.series, hit_ratio_over_time=rows),
        workloads=(mix("zipf", hit_ratio=0.7),),
    )


def test_the_hit_ratio_from_a_cold_start_has_its_curve_and_the_mean_of_the_block() -> None:
    rows = over_time("cached", 0.1, 0.85)
    figure = made(hit_ratio.make(mix_run(*rows)))

    assert figure.table.rows == [
        ["zipf", "native", "cached", "5", "0.1", "40", "0.7"],
        ["zipf", "native", "cached", "15", "0.85", "40", "0.7"],
    ]
    assert figure.alt == "zipf, native: cached from 0.10 to 0.85."
    assert "writes" not in figure.caption
    assert "With writes (zipf)" in made(hit_ratio.make(mix_run(*rows, changes=True))).caption


def test_who_has_no_cache_has_no_hit_ratio_and_who_never_hits_has_one() -> None:
    rows = [*over_time("static", 0.0, 0.0), *over_time("cached", 0.0, 0.0)]

    assert [row[2] for row in made(hit_ratio.make(mix_run(*rows))).table.rows] == ["cached"] * 2
    assert hit_ratio.make(mix_run(*over_time("cached again", 0.1, 0.9, regime="a/a"))) is None
    assert hit_ratio.make(mix_run(*over_time("b", 0.0, 0.0), run=target_run())) is None
    telling = made(hit_ratio.make(mix_run(*over_time("b", 0.0, 0.9), run=target_run())))
    assert {row[2] for row in telling.table.rows} == {"b"}


def test_a_mix_in_two_regimes_is_told_of_each() -> None:
    regimes = ("native", "50ms-per-request")
    rows = [row for each in regimes for row in over_time("cached", 0.1, 0.9, regime=each)]
    figure = made(hit_ratio.make(mix_run(*rows, run=session_run(regimes=regimes))))

    assert [part.partition(":")[0] for part in figure.alt.split("; ")] == [
        f"zipf, {each}" for each in regimes
    ]


# residuals


def residual(error: float, **changes: Any) -> Residual:
    usual: dict[str, Any] = {"scenario": "session", "regime": "50ms-per-request"}
    what = usual | {"what": "a hit", "unit": "ms", "flagged": abs(error) > 0.1} | changes
    return Residual(**what, predicted=1 + error, measured=1.0, error=error)


def residual_run(*rows: Residual) -> Results:
    run = session_run(regimes=("native", "redis+1ms"))
    return replace(run, models=(replace(run.models[0], residuals=rows),))


def test_predictions_outside_are_counted_and_the_farthest_is_told() -> None:
    rows = [residual(0.05), residual(-0.2), residual(0.11, what="a miss")]
    figure = made(residuals.make(residual_run(*rows)))

    assert figure.table.rows == [["cached", *cells(row, figure.table.headings[1:])] for row in rows]
    assert "10 % either way: 2 of 3 predictions lie outside" in figure.caption
    assert figure.alt == (
        "2 of 3 predictions are off by more than 10 %: the farthest is a hit of cached in session, "
        "50ms-per-request, -20 %."
    )
    assert residuals.make(residual_run()) is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (residual(0.05), ""),
        (residual(0.8), "A point at an edge is off by more"),
        (residual(0.2, regime="redis+1ms"), "For a farther Redis the model is told"),
    ],
)
def test_only_what_is_there_is_explained(row: Residual, said: str) -> None:
    caption = made(residuals.make(residual_run(row))).caption

    assert said in caption
    for words in ("edge", "farther Redis"):
        assert (words in caption) is (words in said)


# rates


def rate_step(
    variant: str, rate: float, p50_ms: float | None, p99_ms: float | None = None, reason: str = ""
) -> RatePoint:
    figures = p50_ms and Figures(p50_ms=p50_ms, p99_ms=p99_ms)
    return RatePoint(
        variant=variant,
        rate=rate,
        stability="unstable" if p50_ms is None else "stable",
        reason=reason,
        figures=figures or None,
    )


def rate_run(highest: dict[str, float | None], *points: RatePoint) -> Results:
    found = OpenLoopResult(points=points, highest_sustained=highest)
    run = session_run(regimes=("native",))
    return replace(run, variants=variants(*highest), open_loop=found)


UNCACHED = (
    rate_step("uncached", 100, 5.0, 12.0),
    rate_step("uncached", 200, 8.0, 30.0),
    rate_step("uncached", 400, None, reason="70.0% of the arrivals were answered 200"),
)
CACHED = (
    rate_step("cached", 100, 0.5, 1.5),
    rate_step("cached", 200, 0.6),
    rate_step("cached", 400, 0.9, 3.0),
)


def test_every_rate_has_a_row_and_what_each_variant_sustained_is_said() -> None:
    lucky, none = (
        rate_step("uncached", 800, 99.0, 99.0),
        rate_step("naive", 100, None, reason="grew"),
    )
    highest = {"cached": 400.0, "uncached": 200.0, "naive": None}
    figure = made(rates.make(rate_run(highest, *UNCACHED, *CACHED, lucky, none)))
    rows = figure.table.rows

    assert rows[1] == ["uncached", "200", "stable", "8", "30", ""]
    assert rows[2] == [
        *("uncached", "400", "unstable", "", ""),
        "70.0% of the arrivals were answered 200",
    ]
    assert rows[4] == ["cached", "200", "stable", "0.6", "", ""]
    assert [row[:2] for row in rows[6:]] == [["uncached", "800"], ["naive", "100"]]
    assert "uncached sustained 200 per second and was unstable at 400" in figure.caption
    assert "cached sustained 400 per second, the most it was offered" in figure.caption
    assert "naive sustained none of the rates" in figure.caption
    assert "uncached: p50 from 5.00 ms at 100 per second to 8.00 ms at 200" in figure.alt
    assert "99" not in figure.alt
    assert "naive" not in figure.alt


def test_where_no_rate_was_sustained_there_is_no_figure() -> None:
    assert rates.make(rate_run({})) is None
    assert rates.make(rate_run({"uncached": None}, UNCACHED[2])) is None


def test_only_percentiles_that_there_are_have_a_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    steps = [rate_step("cached", 100, 0.5), rate_step("naive", 100, None)]
    found = texts(made(rates.make(rate_run({"cached": 100.0, "naive": None}, *steps))))

    assert "p50 of the response time" in found
    assert not {"p99 of the response time", "naive"} & {*found}
