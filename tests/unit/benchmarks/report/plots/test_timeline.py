from benchmarks.report.plots.rows import cells
from benchmarks.report.plots.timeline import make
from tests.unit.benchmarks.report.plots.drawn import (
    CLAIMED,
    assert_readable,
    everything,
    made,
    session_run,
    target_run,
    texts,
)


def test_every_variant_and_every_claimed_regime_is_named_and_readable() -> None:
    run = everything()
    figure = made(make(run))

    assert {*CLAIMED, *(entry["name"] for entry in run["variants"])} <= {*texts(figure)}
    assert_readable(figure)


def test_the_table_holds_the_series_of_the_claimed_regimes() -> None:
    run = session_run(regimes=("native", "db+20ms"))
    figure = made(make(run))

    assert figure.table.rows == [
        cells(row, figure.table.headings)
        for row in run["series"]["timeline"]
        if row["regime"] == "native"
    ]
    assert len(figure.table.rows) == 10


def test_the_first_and_the_last_request_are_told() -> None:
    run = session_run(times_ms={"bypass": 50, "miss": 52, "hit": 1})
    figure = made(make(run))
    first = next(row for row in run["series"]["timeline"] if row["variant"] == "cached")

    assert f"native, cached: first {first['p50_ms']:.1f} ms, last 1.0" in figure.alt


def test_what_the_starting_document_says_is_dashed_where_it_was_judged() -> None:
    caption = made(make(session_run(regimes=("native",)))).caption

    assert "the starting document's 50 ms for a read without Redis and 1 ms for a hit" in caption
    assert "cold cache" in caption


def test_foreign_services_are_drawn_without_the_starting_document_or_a_cache() -> None:
    figure = made(make(target_run()))

    assert {"a", "b"} <= {*texts(figure)}
    for word in ("cache", "starting document", "Redis", "50 ms"):
        assert word not in figure.caption


def test_uncached_variants_alone_are_said_nothing_of_a_cold_cache() -> None:
    run = session_run(regimes=("native",))
    run["series"]["timeline"] = [
        row for row in run["series"]["timeline"] if row["variant"] == "uncached"
    ]

    assert "cold cache" not in made(make(run)).caption


def test_a_run_without_cold_sessions_has_no_figure() -> None:
    run = session_run(regimes=("native",))
    run["series"]["timeline"] = []

    assert make(run) is None


def test_the_same_results_give_the_same_bytes() -> None:
    run = session_run(regimes=("native",))

    assert make(run) == make(run)
