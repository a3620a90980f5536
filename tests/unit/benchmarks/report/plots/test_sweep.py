import pytest

from benchmarks.report.plots.sweep import make_database, make_redis
from tests.unit.benchmarks.report.plots.drawn import (
    assert_readable,
    everything,
    made,
    session_run,
    target_run,
    texts,
)

DATABASE = ("native", "db+5ms", "db+20ms")
REDIS = ("native", "redis+0ms", "redis+1ms", "redis+5ms")


@pytest.mark.parametrize("make", [make_database, make_redis])
def test_every_variant_is_named_and_readable(make: object) -> None:
    assert callable(make)
    figure = made(make(everything()))

    assert {"cached", "naive", "cashews", "aiocache", "fastapi-redis-sdk"} <= {*texts(figure)}
    assert_readable(figure)


def test_the_database_sweep_holds_every_regime_with_a_near_redis() -> None:
    run = session_run(regimes=(*DATABASE, *REDIS[1:]))
    figure = made(make_database(run))
    by_regime = {each["regime"]: each for each in run["summaries"]}

    assert [row[0] for row in figure.table.rows] == list(DATABASE)
    for regime, variant, *numbers in figure.table.rows:
        ratio = by_regime[regime]["ratios"][0]
        shown = (ratio["ratio"], ratio["shown"]["low"], ratio["shown"]["high"])
        assert variant == "cached"
        assert numbers == [f"{each:g}" for each in (by_regime[regime]["database_ms"], *shown)]


def test_the_redis_sweep_holds_what_went_through_the_proxy() -> None:
    run = session_run(regimes=REDIS)
    figure = made(make_redis(run))

    assert [row[:3] for row in figure.table.rows] == [
        ["redis+0ms", "cached", "0"],
        ["redis+1ms", "cached", "1"],
        ["redis+5ms", "cached", "5"],
    ]


def test_the_ends_of_a_curve_are_told() -> None:
    run = session_run(regimes=DATABASE)
    figure = made(make_database(run))
    first, _, last = (each["ratios"][0]["ratio"] for each in run["summaries"])

    assert figure.alt == f"cached: {first:.2f}x at 4 ms, {last:.2f}x at 24 ms."


def test_the_number_of_reads_is_the_bound_that_is_dashed() -> None:
    caption = made(make_database(session_run(regimes=DATABASE))).caption

    assert "the number of reads, 5" in caption
    assert "apart" not in caption


def test_two_points_are_no_curve() -> None:
    run = session_run(regimes=("native", "db+5ms", "redis+0ms", "redis+1ms"))

    assert make_database(run) is None
    assert make_redis(run) is None


def test_foreign_services_have_no_sweeps() -> None:
    run = target_run()

    assert make_database(run) is None
    assert make_redis(run) is None


def test_a_ceiling_is_left_out_because_no_scale_holds_it_and_a_cache() -> None:
    figure = made(make_database(session_run("uncached", "cached", "static", regimes=DATABASE)))

    assert "static" not in [*texts(figure), *(row[1] for row in figure.table.rows)]


def test_a_ratio_without_an_interval_is_a_point() -> None:
    run = session_run(regimes=DATABASE)
    run["summaries"][0]["ratios"][0]["shown"] = None

    assert made(make_database(run)).table.rows[0][4:] == ["", ""]


@pytest.mark.parametrize("make", [make_database, make_redis])
def test_the_same_results_give_the_same_bytes(make: object) -> None:
    assert callable(make)
    run = session_run(regimes=(*DATABASE, *REDIS[1:]))

    assert make(run) == make(run)
