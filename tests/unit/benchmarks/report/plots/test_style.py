import re
from itertools import combinations

import pytest
from matplotlib.figure import Figure as Canvas

from benchmarks.report.plots import style
from benchmarks.report.tones import TONES
from benchmarks.variants.registry import VARIANTS
from tests.unit.benchmarks.report.contrast import contrast
from tests.unit.benchmarks.report.runs import results

SERIES = ("blue", "vermilion", "green", "purple", "orange", "sky", "gray", "muted")


def line(canvas: Canvas) -> None:
    axes = canvas.subplots()
    axes.plot([1, 2], [3, 4], color=TONES["blue"].light, label="one")
    style.ticks(axes.xaxis, [1, 1.5, 2])
    style.heading(axes, "a panel")
    style.legend(canvas, axes)


@pytest.mark.parametrize("name", SERIES)
def test_every_line_stands_out_on_both_papers(name: str) -> None:
    assert contrast(TONES[name].light, TONES["paper"].light) >= 3
    assert contrast(TONES[name].dark, TONES["paper"].dark) >= 3


@pytest.mark.parametrize("name", ["ink", "muted"])
@pytest.mark.parametrize("paper", ["paper", "band"])
def test_text_can_be_read_on_both_papers(name: str, paper: str) -> None:
    assert contrast(TONES[name].light, TONES[paper].light) >= 4.5
    assert contrast(TONES[name].dark, TONES[paper].dark) >= 4.5


def test_no_two_tones_share_a_color_or_they_could_not_be_told_apart_in_a_drawing() -> None:
    lights = [tone.light for tone in TONES.values()]

    assert len(set(lights)) == len(lights)
    assert not {style.ON_LIGHT, style.ON_DARK, "#000000"} & set(lights)


def test_variants_differ_in_color_and_in_marker_and_in_line() -> None:
    names = ["uncached", "cached", "naive", "cashews", "aiocache", "fastapi-redis-sdk", "static"]
    found = style.looks(results(names))

    assert list(found) == names
    for one, other in combinations(found.values(), 2):
        assert one.marker != other.marker
        assert one.line != other.line
        assert one.color != other.color


def test_no_two_of_all_variants_look_alike_even_without_color() -> None:
    every = [{"name": each.name, "kind": each.kind} for each in VARIANTS.values()]
    found = list(style.looks({"variants": every}).values())

    assert len({look.marker for look in found}) == len(VARIANTS)


def test_a_variant_looks_the_same_whoever_else_is_in_the_run() -> None:
    few, many = style.looks(results()), style.looks(results(["uncached", "naive", "cached"]))

    assert few["cached"] == many["cached"]
    assert few["uncached"] == many["uncached"]


def test_the_same_drawing_gives_the_same_bytes_and_says_nothing_of_when_or_where() -> None:
    first = style.to_svg(line, title="a title", height=200)

    assert first == style.to_svg(line, title="a title", height=200)
    assert "matplotlib.org" not in first
    assert "date" not in first


def test_text_stays_text_and_every_figure_is_as_wide_as_a_phone() -> None:
    svg = style.to_svg(line, title="a title", height=200)

    assert re.search(r'viewBox="0 0 360 200"', svg)
    assert all(f">{text}</text>" in svg for text in ("1.5", "a panel", "one"))


def test_round_values_of_a_log_scale() -> None:
    assert style.log_values(0.4, 30) == [0.5, 1, 2, 5, 10, 20]
    assert style.log_values(0.4, 300, steps=(1,)) == [1, 10, 100]
