from typing import Any

from benchmarks.report.plots.residuals import make
from benchmarks.report.plots.rows import cells
from benchmarks.report.results import Results
from tests.unit.benchmarks.report.plots.drawn import (
    assert_readable,
    everything,
    made,
    session_run,
    target_run,
    texts,
)


def residual(error: float, **changes: Any) -> dict[str, Any]:
    return {
        "scenario": "session",
        "regime": "50ms-per-request",
        "what": "a hit",
        "unit": "ms",
        "predicted": 1 + error,
        "measured": 1.0,
        "error": error,
        "flagged": abs(error) > 0.1,
        **changes,
    }


def model_run(*residuals: dict[str, Any], **more: list[dict[str, Any]]) -> Results:
    models = [{"variant": "cached", "residuals": list(residuals)}]
    models += [{"variant": name, "residuals": rows} for name, rows in more.items()]
    return {**session_run(regimes=("native", "50ms-per-request", "redis+1ms")), "models": models}


def test_every_place_that_was_foreseen_is_named_and_readable() -> None:
    run = everything()
    figure = made(make(run))
    places = {f"{row['scenario']}, {row['regime']}" for row in run["models"][0]["residuals"]}

    assert places <= {*texts(figure)}
    assert_readable(figure)


def test_the_table_holds_every_prediction() -> None:
    run = everything()
    figure = made(make(run))

    assert figure.table.rows == [
        ["cached", *cells(row, figure.table.headings[1:])] for row in run["models"][0]["residuals"]
    ]


def test_those_outside_are_counted_and_the_farthest_is_told() -> None:
    figure = made(make(model_run(residual(0.05), residual(-0.2), residual(0.11, what="a miss"))))

    assert "10 % either way: 2 of 3 predictions lie outside" in figure.caption
    assert figure.alt == (
        "2 of 3 predictions are off by more than 10 %: the farthest is a hit of cached in session, "
        "50ms-per-request, -20 %."
    )


def test_only_what_is_there_is_explained() -> None:
    figure = made(make(model_run(residual(0.05))))

    assert "within 10 %" in texts(figure)
    assert "flagged" not in texts(figure)
    for words in ("edge", "difference", "farther Redis"):
        assert words not in figure.caption


def test_edges_shares_and_a_farther_redis_are_explained() -> None:
    rows = [residual(0.8), residual(0.2, unit="share"), residual(0.2, regime="redis+1ms")]
    figure = made(make(model_run(*rows)))

    assert "A point at an edge is off by more" in figure.caption
    assert "For a hit ratio the difference is drawn" in figure.caption
    assert "Of a farther Redis it knows" in figure.caption
    assert "within 10 %" not in texts(figure)


def test_two_models_are_two_panels_with_their_names() -> None:
    one, two = make(model_run(residual(0.05))), make(model_run(residual(0.2), local=[residual(0)]))

    assert "cached" not in texts(made(one))
    assert {"cached", "local", "within 10 %", "flagged"} <= {*texts(made(two))}


def test_without_predictions_there_is_no_figure() -> None:
    assert make(model_run()) is None
    assert make(target_run()) is None


def test_the_same_results_give_the_same_bytes() -> None:
    run = model_run(residual(0.05), residual(-0.2))

    assert make(run) == make(run)
