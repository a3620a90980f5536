"""What is drawn: figures that need the drawing itself, so that each is drawn once."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from benchmarks.analysis.model.cost import CostModel, speedup_at
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.html.page import to_html
from benchmarks.report.plots import break_even, figures, requests, residuals, spans
from tests.unit.benchmarks.report.plots.drawn import assert_readable, every_figure, made, texts
from tests.unit.benchmarks.report.runs import (
    CLAIMED,
    NAMES,
    everything,
    mix,
    session_run,
    target_run,
    with_endpoint,
    with_ratio,
)

MIXES = {each.scenario for each in everything().workloads}
NAMED = {
    "forest": {
        *(*NAMES, "1", "4.63", "5", "Noise: each against itself"),
        *(f"session, {each}" for each in CLAIMED),
        *(f"{each}, native" for each in MIXES),
    },
    "timeline": {*CLAIMED, *NAMES},
    "cumulative": {*NAMES[1:], "n"},
    "percentiles": {*NAMES, *(f"{each}, native" for each in ("session", "half-writes"))},
    "map": {*CLAIMED, "other speeds of the database", "mixes of many users", "5x"},
    "break-even": {"1 ms", "10 ms", "100 ms", "measured"},
    "database-sweep": {*NAMES[1:]},
    "redis-sweep": {*NAMES[1:]},
    "hit-ratio": {*NAMES[1:], *MIXES},
    "residuals": {f"{each}, native" for each in MIXES} | {"session, db+20ms", "flagged"},
    "spans": {"database", "Redis", "service", "network and client", f"{NAMES[-1]}", "hit", "miss"},
    "rates": {"cached", "uncached", *(f"p{each} of the response time" for each in (50, 99))},
}


@cache
def few_results() -> Results:
    """Compute a run with a ceiling and one mix; nobody may change it."""
    regimes = ("native", "a/a", "db+5ms", "db+20ms")
    run = session_run("uncached", "cached", "static", regimes=regimes)
    return replace(with_ratio(run, shown=None), workloads=(mix("zipf"),))


@cache
def few_figures() -> dict[str, Figure]:
    return {each.name: each for each in figures(few_results())}


def test_the_figures_of_a_run_stand_in_the_order_of_the_page() -> None:
    assert list(every_figure()) == list(NAMED)


@pytest.mark.parametrize("name", NAMED)
def test_every_series_is_named_and_every_text_can_be_read(name: str) -> None:
    figure = every_figure()[name]

    assert NAMED[name] <= {*texts(figure)}
    assert figure.title in figure.svg
    assert_readable(figure)


def test_the_same_results_give_the_same_bytes() -> None:
    assert {each.name: each for each in figures(few_results())} == few_figures()


def test_foreign_services_are_drawn_without_a_cache_a_claim_or_a_model() -> None:
    drawn = {each.name: each for each in figures(target_run())}

    assert [*drawn] == ["forest", "timeline", "cumulative", "percentiles"]
    for figure in drawn.values():
        said = figure.caption + figure.alt
        assert not re.search(r"cache|claimed|model|dotted|tutorial|Redis|50 ms", said)
    assert {"a", "b"} <= {*texts(drawn["timeline"])}
    assert "n" not in texts(drawn["cumulative"])


def test_the_curves_of_services_that_are_not_ours_are_named() -> None:
    costs = CostModel(app_ms=0.5, database_ms=5, hit_ms=0.6, miss_ms=0.9)
    figure = made(requests.make(with_endpoint(target_run(), costs=costs, hit_ratio=0.8)))

    assert {"b: list", "measured", "hit ratio"} <= {*texts(figure)}
    assert_readable(figure)


def test_a_ceiling_is_no_service() -> None:
    for name in ("cumulative", "database-sweep", "spans"):
        figure = few_figures()[name]
        assert "cached" in figure.svg
        assert "static" not in figure.svg
        assert not [row for row in figure.table.rows if "static" in row]


def test_sweeps_are_not_in_the_forest_and_the_noise_of_each_variant_is() -> None:
    forest = every_figure()["forest"]

    assert not [text for text in texts(forest) if "db+" in text or "redis+" in text]
    assert {row[2] for row in forest.table.rows if row[0] == "a/a"} == {*NAMES}


def test_a_ratio_without_an_interval_is_a_point_that_says_so() -> None:
    ratio = few_results().summaries[0].ratios[0]
    forest = few_figures()["forest"]

    assert f"{ratio.ratio:.2f}x [-]" in texts(forest)
    assert forest.table.rows[0][4:] == ["-", "-"]


def test_the_thick_line_of_the_map_is_where_the_model_says_five() -> None:
    model = everything().models[0].fit.model
    points = _thick_line(every_figure()["map"])
    found = [speedup_at(replace(model, database_ms=x), y) for x, y in points]

    assert len(points) > 20
    assert np.allclose(found, 5, rtol=0.05)


def test_what_was_not_measured_is_not_named() -> None:
    run = session_run(regimes=("native",))
    uncached = tuple(row for row in run.series.spans if row.variant == "uncached")
    run = replace(run, series=replace(run.series, spans=uncached))
    figure = made(spans.make(run))
    points = texts(made(break_even.make_map(run)))

    assert "Redis" not in [*texts(figure), *figure.alt.split(), *figure.caption.split()]
    assert "cache_ms" not in figure.table.headings
    assert f"{run.series.spans[0].total_ms:.2f}" in texts(figure)
    assert "native" in points
    assert not {"other speeds of the database", "mixes of many users"} & {*points}


def test_two_models_are_two_panels_with_their_names() -> None:
    run = session_run(regimes=("native", "50ms-per-request"))
    [model] = run.models
    one, both = (
        texts(made(residuals.make(replace(run, models=models))))
        for models in ((model,), (model, replace(model, variant="local")))
    )

    assert not {"cached", "flagged"} & {*one}
    assert {"cached", "local", "within 10 %"} <= {*both}


def test_a_page_with_every_drawing_asks_for_nothing_and_weighs_less_than_two_megabytes() -> None:
    page = to_html(everything(), [*every_figure().values()])

    assert not re.search(r"url\((?!#)|@import|https?://", page)
    assert 250_000 < len(page.encode()) < 2_000_000


def _thick_line(figure: Figure) -> list[tuple[float, float]]:
    """Return the points of the map's contour of 5, in milliseconds and hit ratios."""
    paths = re.findall(r'<path d="([^"]*)"[^>]*stroke-width: 2\.4', figure.svg)
    (points,) = (re.findall(r"([\d.]+) ([\d.]+)", path) for path in paths)
    xs, ys = _ticks(figure, "x"), _ticks(figure, "y")
    per_decade = (xs[100] - xs[1]) / 2
    return [
        (10 ** ((float(x) - xs[1]) / per_decade), (float(y) - ys[0]) / (ys[1] - ys[0]))
        for x, y in points
    ]


def _ticks(figure: Figure, axis: str) -> dict[float, float]:
    """Return where the ticks of an axis are, by what is written beside them."""
    found = {}
    for group in ET.fromstring(figure.svg).iter():
        if group.get("id", "").startswith(f"{axis}tick_"):
            mark = next(each for each in group.iter() if each.tag.endswith("}use"))
            text = next(each for each in group.iter() if each.tag.endswith("}text"))
            found[float(text.text or "")] = float(mark.attrib[axis])
    return found
