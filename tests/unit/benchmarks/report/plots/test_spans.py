from benchmarks.report.plots.rows import cells
from benchmarks.report.plots.spans import make
from tests.unit.benchmarks.report.plots.drawn import (
    assert_readable,
    everything,
    made,
    session_run,
    target_run,
    texts,
)


def test_every_variant_s_outcomes_are_named_and_readable() -> None:
    figure = made(make(everything()))

    assert {"uncached", "bypass", "fastapi-redis-sdk", "hit", "miss"} <= {*texts(figure)}
    assert {"database", "Redis", "service", "network and client"} <= {*texts(figure)}
    assert_readable(figure)


def test_the_table_holds_the_spans_of_the_native_session() -> None:
    run = session_run(regimes=("native", "50ms-per-request"))
    figure = made(make(run))
    rows = [row for row in run["series"]["spans"] if row["regime"] == "native"]

    assert [row["outcome"] for row in rows] == ["bypass", "hit", "miss"]
    assert figure.table.rows == [cells(row, figure.table.headings) for row in rows]


def test_the_parts_and_the_whole_are_told_and_written_beside_the_bars() -> None:
    run = session_run(regimes=("native",))
    figure = made(make(run))
    whole = f"{run['series']['spans'][0]['total_ms']:.2f}"

    assert "uncached bypass: database 4.00, service 0.50, network and client 0." in figure.alt
    assert f"together {whole} ms" in figure.alt
    assert whole in texts(figure)


def test_a_part_that_nobody_spent_time_in_is_not_mentioned() -> None:
    run = session_run(regimes=("native",))
    rows = run["series"]["spans"]
    run["series"]["spans"] = [row for row in rows if row["variant"] == "uncached"]
    figure = made(make(run))

    assert "Redis" not in [*texts(figure), *figure.alt.split(), *figure.caption.split()]
    assert "cache_ms" not in figure.table.headings


def test_who_reports_no_spans_is_left_out() -> None:
    figure = made(make(session_run("uncached", "cached", "static", regimes=("native",))))

    assert "static" not in [row[0] for row in figure.table.rows]
    assert make(target_run()) is None


def test_a_run_that_was_not_native_has_no_figure() -> None:
    assert make(session_run(regimes=("50ms-per-request",))) is None


def test_the_same_results_give_the_same_bytes() -> None:
    run = session_run(regimes=("native",))

    assert make(run) == make(run)
