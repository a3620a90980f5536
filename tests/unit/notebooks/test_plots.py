"""Every figure of the notebooks is drawn once; what it says and holds is looked at undrawn."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.analysis.model.writes import Writes, overall_speedup
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.plots import style
from benchmarks.storage.records import SweepStep
from notebooks.lib import costs, mixture, sweeps
from notebooks.lib.costs import TUTORIAL, farthest_ms
from tests.unit.benchmarks.capacity.steps import step as sweep_step
from tests.unit.benchmarks.report.plots.drawn import assert_readable, made, texts
from tests.unit.benchmarks.report.runs import CLAIMED, mix, session_run, target_run, with_ratio

REDIS = ("redis+0ms", "redis+1ms", "redis+5ms")
SEED = costs.WriteCase("seed", SEED_MODEL, SEED_MODEL.database_ms)
RATES_OF = {1: (100, 100), 2: (150, 170), 8: (200, 220)}
"""Requests per second of the uncached variant in two rounds, by connections."""


def run(**changes: Any) -> Results:
    return replace(session_run(regimes=(*CLAIMED, *REDIS)), **changes)


def far_run() -> Results:
    """Compute a run behind the proxy, one ratio of which has no interval."""
    results = run()
    [case] = [n for n, each in enumerate(results.summaries) if each.regime == REDIS[0]]
    return with_ratio(results, case=case, shown=None)


def written_run(**changes: Any) -> Results:
    """Compute a run with a fitted time of a write and one mix that holds some."""
    written: dict[str, Any] = {"writes": 50, "hit_ratio": 0.3}
    results = run(workloads=(mix("half-writes", **(written | changes)),))
    model = results.models[0]
    return replace(results, models=(replace(model, fit=replace(model.fit, write_ms=20.0)),))


def step(variant: str, connections: int, rate: float, cores: float | None) -> SweepStep:
    return sweep_step(
        variant=variant,
        connections=connections,
        seconds=2.0,
        requests=int(2 * rate),
        service_cores=cores,
    )


def sweep_run(cores: float | None = 0.5) -> Results:
    """Make a sweep of connections, the cached variant ten times as fast."""
    steps = tuple(
        step(name, connections, factor * rate, cores)
        for name, factor in (("uncached", 1), ("cached", 10))
        for connections, rates in RATES_OF.items()
        for rate in rates
    )
    return replace(target_run(), steps=steps)


DRAWN: Mapping[str, tuple[Callable[[], Figure | None], set[str]]] = {
    "far-redis": (
        lambda: costs.make_far_redis(far_run()),
        {"1 round trip per hit", "3, as in the tutorial", "measured"},
    ),
    "three-stories": (lambda: mixture.make(run()), {*CLAIMED, "measured"}),
    "writes": (
        lambda: costs.make_writes(written_run()),
        {"reads", "all operations", "measured", "predicted", "this run"},
    ),
    "closed-loop": (
        lambda: sweeps.make_closed(sweep_run()),
        {"measured", "bound", "cached", "uncached"},
    ),
}


@cache
def figure(name: str) -> Figure:
    return made(DRAWN[name][0]())


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the drawing out, which takes nearly all of the time."""
    monkeypatch.setattr(style, "to_svg", lambda *_, **__: "")


@pytest.mark.parametrize("name", DRAWN)
def test_every_series_is_named_and_can_be_read(name: str) -> None:
    assert figure(name).name == name
    assert DRAWN[name][1] <= {*texts(figure(name))}
    assert_readable(figure(name))


@pytest.mark.parametrize("name", ["three-stories", "closed-loop"])
def test_the_same_results_give_the_same_bytes(name: str) -> None:
    assert DRAWN[name][0]() == figure(name)


@pytest.mark.usefixtures("undrawn")
def test_a_run_that_lacks_the_data_has_no_figure() -> None:
    without_model = (
        costs.make_far_redis,
        mixture.make,
        costs.make_writes,
    )
    for make in without_model:
        assert make(target_run()) is None
    assert costs.make_far_redis(session_run(regimes=("native", "redis+0ms", "redis+1ms"))) is None
    assert costs.make_writes(run()) is None
    assert sweeps.make_closed(sweep_run(cores=None)) is None
    assert sweeps.make_closed(target_run()) is None


# far redis


@pytest.mark.usefixtures("undrawn")
def test_the_points_are_those_of_the_regimes_behind_the_proxy() -> None:
    results = far_run()
    ratios = {each.regime: each.ratios[0] for each in results.summaries}
    rows = [row for row in made(costs.make_far_redis(results)).table.rows if "measured" in row[0]]

    assert [row[:2] for row in rows] == [[f"measured, redis+{each}ms", each] for each in "015"]
    assert rows[0][3:] == ["", ""]
    for row in rows[1:]:
        ratio = ratios[row[0].removeprefix("measured, ")]
        assert ratio.shown is not None
        shown = (ratio.ratio, ratio.shown.low, ratio.shown.high)
        assert row[2:] == [f"{value:g}" for value in shown]


def test_the_curve_starts_at_the_speedup_of_the_model_and_loses_where_it_says() -> None:
    [fitted, *_] = run().models
    limit_ms = farthest_ms(fitted.fit.model, 0.8)

    assert costs.predicted(fitted, 0.8, 0) == pytest.approx(fitted.fit.model.speedup(5), rel=1e-6)
    assert costs.predicted(fitted, 0.8, limit_ms) == pytest.approx(1)
    assert costs.predicted(fitted, 0.8, 1, TUTORIAL) < costs.predicted(fitted, 0.8, 1)
    assert f"1 round trip per hit: {limit_ms:.2g} ms" in figure("far-redis").caption


# mean, median and tail


@pytest.mark.parametrize(
    ("hit_ratio", "p50", "p99"), [(0.499, 1, 1), (0.5, 50, 1), (0.989, 50, 1), (0.99, 50, 50)]
)
def test_a_percentile_changes_sides_at_its_own_hit_ratio(
    hit_ratio: float, p50: float, p99: float
) -> None:
    assert mixture.at_percentile(SEED_MODEL, hit_ratio, 50) == pytest.approx(p50)
    assert mixture.at_percentile(SEED_MODEL, hit_ratio, 99) == pytest.approx(p99)


@pytest.mark.usefixtures("undrawn")
def test_each_percentile_that_both_have_is_a_row_beside_what_was_predicted() -> None:
    results = session_run(regimes=("native",))
    found = made(mixture.make(results))
    ms = {(row.variant, row.percentile): row.ms for row in results.series.percentiles}

    assert {row[0] for row in found.table.rows} == {"native"}
    for _, percentile, ratio, predicted, *_ in found.table.rows:
        p = float(percentile)
        assert float(ratio) == pytest.approx(ms["uncached", p] / ms["cached", p], rel=1e-4)
        if p < 75:
            assert float(predicted) == pytest.approx(float(ratio), rel=0.1)
    mean = results.summaries[0].ratios[0].ratio
    assert f"native: mean {mean:.2f}x, p50 " in found.alt


@pytest.mark.usefixtures("undrawn")
def test_without_the_measured_time_of_the_database_nothing_can_be_predicted() -> None:
    results = run()
    unknown = tuple(replace(each, database_ms=None) for each in results.summaries)

    assert mixture.make(replace(results, summaries=unknown)) is None


# writes


def test_the_starting_document_reaches_5x_up_to_the_shares_that_it_must() -> None:
    assert SEED.speedup(0.1837, "reads") == pytest.approx(5, abs=0.005)
    assert SEED.speedup(0.0965, "all operations") == pytest.approx(5, abs=0.01)
    assert SEED.speedup(0.5, "reads") == pytest.approx(50 / 25.5)
    assert SEED.speedup(0, "reads") == SEED.speedup(0, "all operations") == pytest.approx(50)
    alt = figure("writes").alt
    assert "the tutorial's 50 ms and 1 ms: all operations 8.65x with 5 % writes" in alt
    assert "reads reach 5x up to 18.4% writes" in alt


@pytest.mark.usefixtures("undrawn")
def test_a_mix_with_writes_is_a_point_beside_what_was_predicted_at_its_own_hits() -> None:
    results = written_run()
    model = results.models[0]
    wanted = replace(results, models=(replace(model, wanted=60.0),))
    found = made(costs.make_writes(wanted))
    [row] = [row for row in found.table.rows if row[0].startswith("measured")]
    expected = overall_speedup(model.fit.model, Writes(share=0.5, write_ms=20.0), 0.3)

    assert row[:5] == ["measured, half-writes", "0.5", "all operations", "0.3", "2.5"]
    assert float(row[5]) == pytest.approx(expected, rel=1e-4)
    assert "reads never reach 60x" in found.alt


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("changes", [{"writes": 0}, {"speedup": None}, {"variant": "naive"}])
def test_a_mix_that_says_nothing_of_writes_is_no_point(changes: dict[str, Any]) -> None:
    found = made(costs.make_writes(written_run(**changes)))

    assert not [row for row in found.table.rows if row[0].startswith("measured")]


def test_without_points_the_legend_names_none() -> None:
    assert "measured" not in texts(made(costs.make_writes(written_run(writes=0))))


# queues


def test_a_sweep_says_how_long_a_lone_request_takes_and_how_many_there_can_be() -> None:
    uncached, cached = sweeps.loops(sweep_run())
    [of_two] = sweeps.loops(replace(target_run(), steps=(step("cached", 2, 100, 0.5),)))

    assert uncached.lone_ms == pytest.approx(10)
    assert uncached.most_per_s == 210
    assert cached.lone_ms == pytest.approx(1)
    # Half a core gave 220 per second at best.
    assert uncached.processor_ms == pytest.approx(1000 * 0.5 / 220)
    # By Little's law, where the fewest connections are two.
    assert of_two.lone_ms == pytest.approx(20)


def test_the_bound_rises_with_the_connections_until_the_processor_is_full() -> None:
    rows = [row for row in figure("closed-loop").table.rows if row[0] == "uncached"]

    assert [row[:4] for row in rows[:2]] == [["uncached", "1", each, "100"] for each in "01"]
    assert [float(row[4]) for row in rows[::2]] == pytest.approx([100, 200, 440])
    said = "uncached: 100 per second at 1 connection, 210 at 8, bound 440"
    assert said in figure("closed-loop").alt
