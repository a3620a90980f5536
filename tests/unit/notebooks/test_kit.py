"""Figures, tables, sentences and sliders, as a cell shows them."""

from dataclasses import replace

import pytest

from benchmarks.report.figure import Figure
from benchmarks.report.page import Section, Table, judged
from notebooks.lib import kit
from tests.unit.benchmarks.report.html.document import HtmlDocument

CLIPPED = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 100"><defs><clipPath id="p">'
    '<rect width="{width}"/></clipPath></defs><path clip-path="url(#p)" d="M 0 0" '
    'style="stroke: #0072b2"/></svg>'
)
FIGURE = Figure(
    name="speed",
    title="How fast",
    caption="Read it like that.",
    alt="It rises to 5.",
    table=Table(("n", "times"), [("1", "1.0"), ("5", "4.6")]),
    svg=CLIPPED.format(width=1),
)
WIDGET = "application/vnd.jupyter.widget-view+json"


def test_a_figure_has_its_words_its_numbers_and_its_colors() -> None:
    shown = kit.show(FIGURE)
    page = HtmlDocument(shown.html)

    assert page.one("svg").attrs["role"] == "img"
    assert page.one("svg").attrs["aria-label"] == "It rises to 5."
    assert page.one("figcaption").text == "Read it like that."
    assert [cell.text for cell in page.all("td")] == ["1.0", "4.6"]
    for said in ("stroke: var(--blue)", "--blue:#0072b2", "prefers-color-scheme:dark"):
        assert said in shown.html
    assert ":root" not in shown.html
    assert repr(shown) == "How fast. It rises to 5."
    assert shown._repr_svg_() == FIGURE.svg
    assert shown._repr_markdown_() == "**How fast.** Read it like that."


def test_two_figures_of_one_name_do_not_share_their_parts() -> None:
    pages = [kit.show(FIGURE), kit.show(replace(FIGURE, svg=CLIPPED.format(width=2)))]

    assert len({HtmlDocument(each.html).one("clippath").attrs["id"] for each in pages}) == 2


@pytest.mark.parametrize("shown", [kit.show(None), kit.section(None), kit.table(None)])
def test_what_a_run_has_no_data_for_is_a_sentence(shown: kit.Shown) -> None:
    assert "no data" in shown.html


def test_a_table_has_a_caption_headings_and_its_numbers_to_the_right() -> None:
    shown = kit.table(
        Table(("database", "S(5)"), [("native", "3.08"), ("<b>", "4.86x")]), "Speedups"
    )
    page = HtmlDocument(shown.html)

    assert page.one("caption").text == "Speedups"
    assert [cell.attrs.get("class") for cell in page.all("td")] == ["number", "number"]
    assert [cell.text for cell in page.all("th")] == ["database", "S(5)", "native", "<b>"]
    assert shown._repr_markdown_().splitlines()[:4] == [
        "Speedups",
        "",
        "| database | S(5) |",
        "| --- | --- |",
    ]
    assert "<b>" not in kit.table(Table(("<b>",), [("<b>",)]), "<b>").html


def test_a_sentence_is_markdown_and_a_section_its_sentences_and_perhaps_its_table() -> None:
    said = kit.say("It is **4.63** times.")
    bare = Section("Checks", ["All passed."])
    table = Table(("check", "result"), [("errors", judged("passed"))])

    page = HtmlDocument(kit.section(replace(bare, table=table)).html)

    assert "<strong>4.63</strong>" in said.html
    assert (
        page.one("li").text == HtmlDocument(kit.section(bare).html).one("li").text == "All passed."
    )
    assert page.one("caption").text == "Checks"
    assert page.one("td").attrs["class"] == "good"


def test_sliders_move_where_there_is_a_kernel_and_elsewhere_stand_at_their_start() -> None:
    shown = kit.sliders(
        lambda n, wait_ms: kit.say(f"{n} x {wait_ms:g}"), n=(1, 9), wait_ms=[50.0, 5.0]
    )

    assert set(shown._repr_mimebundle_()) == {WIDGET}
    assert [each.text for each in HtmlDocument(shown.html).all("p")] == [
        "5 x 50",
        "Here with n = 5, wait ms = 50; the sliders move in Jupyter.",
    ]
    assert shown._repr_svg_() is None
    assert shown._repr_markdown_().startswith("5 x 50\n\n*Here with n = 5")
    drawn = kit.sliders(lambda **_: kit.show(FIGURE), n=[1])
    assert drawn._repr_svg_() == FIGURE.svg
    assert repr(drawn) == "n = 1: How fast. It rises to 5."


def test_what_the_function_raises_ends_the_cell() -> None:
    with pytest.raises(ZeroDivisionError):
        kit.sliders(lambda n: kit.say(f"{1 / n}"), n=[0, 1])
