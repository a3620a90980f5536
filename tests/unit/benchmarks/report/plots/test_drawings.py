"""What is drawn: figures that need the drawing itself, so that each is drawn once."""

import re
from dataclasses import replace
from functools import cache

import pytest

from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.html.page import to_html
from benchmarks.report.plots import break_even, figures, spans
from tests.unit.benchmarks.report.plots.drawn import assert_readable, every_figure, made, texts
from tests.unit.benchmarks.report.runs import (
    CLAIMED,
    NAMES,
    everything,
    mix,
    session_run,
    target_run,
    with_ratio,
)

MIXES = {each.scenario for each in everything().workloads}
NAMED = {
    "map": {*CLAIMED, "other speeds of the database", "mixes of many users", "5x"},
    "cumulative": {*NAMES[1:], "n"},
    "spans": {"database", "Redis", "service", "network and client", f"{NAMES[-1]}", "hit", "miss"},
    "break-even": {"1 ms", "10 ms", "100 ms", "measured"},
    "percentiles": {*NAMES, *(f"{each}, native" for each in ("session", "half-writes"))},
    "redis-sweep": {*NAMES[1:]},
    "forest": {
        *(*NAMES, "1", "4.63", "5", "each against itself"),
        *(f"session, {each}" for each in CLAIMED),
        *(f"{each}, native" for each in MIXES),
    },
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


def test_foreign_services_are_drawn_without_a_cache_a_claim_or_a_model() -> None:
    drawn = {each.name: each for each in figures(target_run())}

    assert [*drawn] == ["cumulative", "percentiles", "forest"]
    for figure in drawn.values():
        said = figure.caption + figure.alt
        assert not re.search(r"cache|claimed|model|dotted|tutorial|Redis|50 ms", said)
    assert {"a", "b"} <= {*texts(drawn["percentiles"])}
    assert "n" not in texts(drawn["cumulative"])


def test_a_ceiling_is_no_service() -> None:
    for name in ("cumulative", "spans"):
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


def test_a_page_with_every_drawing_weighs_less_than_two_megabytes() -> None:
    assert 100_000 < len(to_html(everything(), [*every_figure().values()]).encode()) < 2_000_000
