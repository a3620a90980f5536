"""What all figures share: tones, series, ticks, panels, and what they take of the results."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.report.figure import Figure
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, rows, style
from benchmarks.report.plots.style import SeriesStyle
from benchmarks.report.tones import MARKS, TONES, Tone, variables
from benchmarks.runner.environment import describe
from benchmarks.variants.registry import VARIANTS
from tests.unit.benchmarks.report.plots.drawn import assert_readable, texts
from tests.unit.benchmarks.report.runs import session_run
from tests.unit.benchmarks.simulate import header, variants

LINES = ("blue", "vermilion", "green", "purple", "orange", "sky", "gray", "muted")
WORDS = (*MARKS, "ink", "muted")
ALL: Mapping[str, Tone] = {**TONES, **MARKS}
LOOK = SeriesStyle(TONES["blue"].light, "o", "-")


@pytest.mark.parametrize(
    ("name", "paper", "least"),
    [(name, "paper", 3) for name in LINES]
    + [(name, "paper", 4.5) for name in WORDS]
    + [(name, "band", 4.5) for name in ("ink", "muted")],
)
def test_lines_and_words_stand_out_on_light_and_dark_paper(
    name: str, paper: str, least: float
) -> None:
    assert contrast(ALL[name].light, ALL[paper].light) >= least
    assert contrast(ALL[name].dark, ALL[paper].dark) >= least
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_color_is_a_variable_in_each_scheme_and_paper_comes_last() -> None:
    light, dark, paper = variables().strip().splitlines()

    assert all(f"--{name}:{tone.light};" in light for name, tone in ALL.items())
    assert all(f"--{name}:{tone.dark};" in dark for name, tone in ALL.items())
    assert paper.startswith("@media print")
    assert light.removeprefix(":root") in paper


def test_no_two_tones_share_a_color_or_they_could_not_be_told_apart_in_a_drawing() -> None:
    lights = [tone.light for tone in TONES.values()]

    assert len(set(lights)) == len(lights)
    assert not {style.ON_LIGHT, style.ON_DARK, "#000000"} & set(lights)


def test_variants_differ_in_color_and_in_marker_and_in_line_in_every_set_of_them() -> None:
    names = ["uncached", "cached", "naive", "cashews", "aiocache", "fastapi-redis-sdk", "static"]
    found = style.series_styles(header(variants=variants(*names)))
    every = header(variants=tuple(map(describe, VARIANTS.values())))

    assert list(found) == names
    for one, other in combinations(found.values(), 2):
        assert one.marker != other.marker
        assert one.line != other.line
        assert one.color != other.color
    assert len({each.marker for each in style.series_styles(every).values()}) == len(VARIANTS)


@pytest.mark.parametrize(
    ("low", "high"), [(0.2, 0.2), (1.1, 1.9), (3, 8), (0.3, 60), (0.1, 900), (0.001, 90_000)]
)
def test_a_log_axis_has_few_round_ticks_whatever_it_spans(low: float, high: float) -> None:
    axes = Canvas().subplots()
    panels.log_axis(axes, low, high)
    bottom, top = axes.get_ylim()

    assert bottom < low <= high < top
    assert 1 <= len(axes.get_yticks()) <= 9
    assert all(bottom <= tick <= top for tick in axes.get_yticks())


@pytest.mark.parametrize(
    ("last", "ticks"),
    [(1, [1]), (5, [1, 2, 3, 4, 5]), (20, [1, 5, 10, 15, 20]), (60, [1, 10, 20, 30, 40, 50, 60])],
)
def test_counts_have_whole_ticks_from_one_on(last: int, ticks: list[int]) -> None:
    axes = Canvas().subplots()
    panels.count_ticks(axes, last)

    assert [int(each) for each in axes.get_xticks()] == ticks


def test_the_legend_is_below_all_panels_and_long_names_have_a_row_each() -> None:
    def drawn(*names: str) -> Figure:
        def draw(axes: Axes, _part: int) -> None:
            for name in names:
                panels.curve(axes, [(1, 2), (3, 4)], LOOK, name=name)

        about: dict[str, Any] = dict.fromkeys(("name", "title", "caption", "alt"), "")
        return panels.figure([1, 2], draw, table=Table((), ()), names=names, **about)

    figure = drawn("cached", "the variant without a shared connection")

    assert texts(figure).count("cached") == 1
    assert_readable(figure)


def test_rows_are_of_regimes_that_claims_are_judged_in_and_of_the_session_first() -> None:
    run = session_run(regimes=("native", "db+20ms"))
    session = run.series.cumulative[0]
    others = [replace(session, scenario="writes"), session]

    assert {row.regime for row in run.series.cumulative} == {"native", "db+20ms"}
    assert {row.regime for row in rows.claimed(run, run.series.cumulative)} == {"native"}
    assert rows.claimed(run, []) == rows.of_session([]) == []
    assert rows.of_session(others) == [session]
    assert rows.of_session(others[:1]) == others[:1]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors such as ``#1c2126``, 1 to 21 (WCAG 2.1)."""
    low, high = sorted([_luminance(one), _luminance(other)])
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
