from benchmarks.report.plots.percentiles import make
from benchmarks.report.plots.rows import cells
from tests.unit.benchmarks.report.plots.drawn import (
    assert_readable,
    everything,
    made,
    session_run,
    target_run,
    texts,
)


def test_session_and_two_mixes_are_panels_that_can_be_read() -> None:
    figure = made(make(everything()))

    assert {"session, native", "mostly-reads, native", "half-writes, native"} <= {*texts(figure)}
    assert {"uncached", "fastapi-redis-sdk"} <= {*texts(figure)}
    assert_readable(figure)


def test_the_table_holds_the_series_of_the_panels() -> None:
    run = session_run()
    figure = made(make(run))

    assert figure.table.rows == [
        cells(row, figure.table.headings)
        for row in run["series"]["percentiles"]
        if row["regime"] == "native"
    ]


def test_the_alternative_text_has_the_median_and_the_tail_as_far_as_it_goes() -> None:
    run = session_run(regimes=("native",))
    found = {
        row["percentile"]: row["ms"]
        for row in run["series"]["percentiles"]
        if row["variant"] == "cached"
    }

    assert max(found) < 95
    assert f"session, cached: p50 {found[50]:.2f} ms" in made(make(run)).alt


def test_hits_and_misses_are_explained_where_there_is_a_cache_only() -> None:
    cached, foreign = made(make(session_run(regimes=("native",)))), made(make(target_run()))

    assert "some requests hit and others miss" in cached.caption
    assert "cache" not in foreign.caption
    assert "front-page, native" in texts(foreign)


def test_a_run_that_was_not_native_has_no_figure() -> None:
    assert make(session_run(regimes=("50ms-per-request",))) is None


def test_the_same_results_give_the_same_bytes() -> None:
    run = session_run(regimes=("native",))

    assert make(run) == make(run)
