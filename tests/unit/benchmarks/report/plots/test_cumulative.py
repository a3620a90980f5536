import re

from benchmarks.report.plots.cumulative import make
from tests.unit.benchmarks.report.plots.drawn import (
    assert_readable,
    everything,
    made,
    session_run,
    target_run,
    texts,
)


def test_every_variant_but_the_reference_is_named_and_readable() -> None:
    figure = made(make(everything()))

    assert {"cached", "naive", "cashews", "aiocache", "fastapi-redis-sdk", "n"} <= {*texts(figure)}
    assert "uncached" not in texts(figure)
    assert_readable(figure)


def test_the_table_holds_what_was_measured_and_then_what_the_model_says() -> None:
    run = session_run(regimes=("native",))
    figure = made(make(run))
    measured = [row for row in figure.table.rows if row[-1] == "measurement"]
    foreseen = {row[2]: row[3] for row in figure.table.rows if row[-1] == "model"}

    assert [row[1:6] for row in measured] == [
        ["cached", str(row["reads"]), *(f"{row[name]:g}" for name in ("speedup", "low", "high"))]
        for row in run["series"]["cumulative"]
    ]
    assert foreseen == {
        reads: f"{value:g}" for reads, value in run["models"][0]["speedup_by_reads"].items()
    }


def test_the_claims_are_dashed_and_the_bound_is_explained() -> None:
    caption = made(make(session_run(regimes=("native",)))).caption

    assert "the claimed 4.63x and 5x" in caption
    assert "The dotted line is n itself" in caption
    assert "the cost model fitted to this run" in caption
    assert "apart" not in caption


def test_the_alternative_text_counts_what_lies_below_n() -> None:
    run = session_run(regimes=("native",), times_ms={"bypass": 50, "miss": 52, "hit": 1})
    rows = run["series"]["cumulative"]
    rows[1]["speedup"] = 2.5
    figure = made(make(run))

    assert f"native, cached: S(5) = {rows[-1]['speedup']:.2f}x" in figure.alt
    assert "Of 4 values after more than one read 3 lie below n." in figure.alt


def test_a_ceiling_is_left_out_because_it_never_misses() -> None:
    figure = made(make(session_run("uncached", "cached", "static", regimes=("native",))))

    assert "static" not in [*texts(figure), *(row[1] for row in figure.table.rows)]


def test_foreign_services_have_no_bound_no_claims_and_no_model() -> None:
    figure = made(make(target_run()))

    assert "b" in texts(figure)
    assert "n" not in texts(figure)
    assert not re.search(r"cache|claimed|model|dotted", figure.caption + figure.alt)


def test_too_few_observations_have_no_figure() -> None:
    run = session_run(regimes=("native",))
    run["series"]["cumulative"] = []

    assert make(run) is None


def test_the_same_results_give_the_same_bytes() -> None:
    run = session_run(regimes=("native",))

    assert make(run) == make(run)
