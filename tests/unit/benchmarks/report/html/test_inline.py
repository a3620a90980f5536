import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from matplotlib.figure import Figure as Canvas

from benchmarks.report.figure import Figure
from benchmarks.report.html.page import inline
from benchmarks.report.page import Table
from benchmarks.report.plots import style
from benchmarks.report.tones import TONES

EVIL = "</text><script>alert(1)</script>"


@pytest.fixture(scope="module")
def figure() -> Figure:
    def plot(canvas: Canvas) -> None:
        axes = canvas.subplots()
        axes.plot([1, 2], [3, 4], "o-", color=TONES["blue"].light, label="a < b & c")
        axes.axvspan(1, 1.5, color=TONES["band"].light)
        axes.text(1, 3, "on a map", color=style.ON_LIGHT)
        axes.set_title('say "it"')
        axes.set_xlabel(EVIL)
        canvas.legend()

    svg = style.to_svg(plot, title="t", height=200)
    alt = '1 < 2 & "so"'
    return Figure(name="one", title="t", caption="c", alt=alt, table=Table((), ()), svg=svg)


@pytest.fixture(scope="module")
def made(figure: Figure) -> str:
    return inline(figure)


def test_every_tone_becomes_a_variable_and_other_colors_stay(made: str) -> None:
    variables = set(re.findall(r"var\(--\w+\)", made))

    assert {"var(--blue)", "var(--paper)", "var(--band)", "var(--ink)"} <= variables
    assert set(re.findall(r"#[0-9a-f]{6}\b", made)) == {style.ON_LIGHT}


def test_ids_of_two_drawings_never_meet_and_every_reference_leads_somewhere(
    figure: Figure,
) -> None:
    both = [inline(figure), inline(replace(figure, name="two"))]

    ids = [re.findall(r' id="([^"]+)"', each) for each in both]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])
    for each, known in zip(both, ids, strict=True):
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', each)) <= set(known)


def test_nothing_of_a_document_is_left_that_is_none(made: str) -> None:
    assert not re.search(r"<\?xml|<!DOCTYPE|<metadata|<style|xmlns|http:", made)
    assert "DejaVu" not in made


def test_texts_are_kept_and_markup_in_them_stays_text(made: str) -> None:
    texts = {"".join(each.itertext()) for each in ET.fromstring(made).iter("text")}

    assert {"a < b & c", "on a map", 'say "it"', EVIL} <= texts
    assert "<script" not in made
