import re

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.report.plots import panels
from benchmarks.report.plots.style import SeriesStyle
from benchmarks.report.tones import TONES

LOOK = SeriesStyle(TONES["blue"].light, "o", "-")


def scaled(low: float, high: float) -> Axes:
    axes = Canvas().subplots()
    panels.log_axis(axes, low, high)
    return axes


@pytest.mark.parametrize(
    ("low", "high"), [(0.2, 0.2), (1.1, 1.9), (3, 8), (0.3, 60), (0.1, 900), (0.001, 90_000)]
)
def test_a_log_axis_has_few_round_ticks_whatever_it_spans(low: float, high: float) -> None:
    axes = scaled(low, high)
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


def test_curves_that_share_their_x_are_set_apart_around_it() -> None:
    left, middle, right = panels.apart(3)

    assert left < middle < right
    assert left + right == middle == 0
    assert panels.apart(1) == [0]


def stacked(*names: str, panel: float = 100) -> str:
    def draw(axes: Axes, _part: int) -> None:
        for name in names:
            panels.curve(axes, [(1, 2), (3, 4)], LOOK, name=name)

    return panels.stacked([1, 2], draw, title="title", names=names, panel=panel)


def height(svg: str) -> float:
    return float(re.findall(r'viewBox="0 0 360 ([\d.]+)"', svg)[0])


def test_names_that_are_too_long_for_two_columns_get_a_row_each() -> None:
    short, long = stacked("cached", "naive"), stacked("cached", "no-shared-connection")

    assert height(long) > height(short)


def test_every_panel_adds_its_height_and_the_legend_is_there_once() -> None:
    svg = stacked("cached")

    assert height(svg) > 200
    assert len(re.findall(r">cached</text>", svg)) == 1
