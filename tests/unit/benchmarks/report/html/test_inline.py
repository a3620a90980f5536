import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from matplotlib.figure import Figure as Canvas

from benchmarks.report.figure import Figure
from benchmarks.report.html.inline import inline
from benchmarks.report.page import Table
from benchmarks.report.plots import style
from benchmarks.report.tones import TONES


def plot(canvas: Canvas) -> None:
    axes = canvas.subplots()
    axes.plot([1, 2], [3, 4], "o-", color=TONES["blue"].light, label="a < b & c")
    axes.axvspan(1, 1.5, color=style.BAND)
    axes.text(1, 3, "on a map", color=style.ON_LIGHT)
    axes.set_title('say "it"')
    style.legend(canvas, axes)


def figure(name: str = "one", draw: Callable[[Canvas], None] = plot, alt: str = "seen") -> Figure:
    svg = style.to_svg(draw, title="t", height=200)
    return Figure(name=name, title="t", caption="c", alt=alt, table=Table((), ()), svg=svg)


def test_every_tone_becomes_a_variable_and_other_colors_stay() -> None:
    made = inline(figure())

    left = set(re.findall(r"#[0-9a-f]{6}\b", made))
    assert {"var(--blue)", "var(--paper)", "var(--band)", "var(--ink)"} <= set(
        re.findall(r"var\(--\w+\)", made)
    )
    assert left == {style.ON_LIGHT}


def test_it_is_one_image_with_its_alternative_text() -> None:
    root = ET.fromstring(inline(figure(alt='1 < 2 & "so"')))

    assert root.tag == "svg"
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == '1 < 2 & "so"'
    assert root.attrib["viewBox"] == "0 0 360 200"
    assert "width" not in root.attrib


def test_ids_of_two_drawings_never_meet_and_every_reference_leads_somewhere() -> None:
    one, two = inline(figure("one")), inline(figure("two"))

    ids = [re.findall(r' id="([^"]+)"', made) for made in (one, two)]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])
    for made, known in zip((one, two), ids, strict=True):
        referred = re.findall(r'(?:href="#|url\(#)([^")]+)', made)
        assert set(referred) == set(known)


def test_nothing_of_a_document_is_left_that_is_none() -> None:
    made = inline(figure())

    assert not re.search(r"<\?xml|<!DOCTYPE|<metadata|<style|xmlns|http:", made)
    assert "DejaVu" not in made


def test_texts_are_kept_and_stay_texts() -> None:
    texts = ["".join(each.itertext()) for each in ET.fromstring(inline(figure())).iter("text")]

    assert {"a < b & c", "on a map", 'say "it"'} <= set(texts)


def test_numbers_are_cut_to_a_hundredth_so_that_a_page_stays_small() -> None:
    given = figure()
    made = inline(given)

    assert not re.search(r'(?:d|x|y)="[^"]*\.\d{3}', made)
    assert len(made) < 0.8 * len(given.svg)


@pytest.mark.parametrize("text", ["</text><script>alert(1)</script>", "<b>"])
def test_markup_in_a_label_is_text(text: str) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.subplots().set_xlabel(text)

    made = inline(figure(draw=draw))

    assert "<script" not in made
    assert "<b>" not in made
