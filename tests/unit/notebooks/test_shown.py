from dataclasses import replace

import pytest

from benchmarks.report.figure import Figure
from benchmarks.report.page import Section, Table, judged
from notebooks.lib import kit
from tests.unit.benchmarks.report.html.document import Document

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


def test_a_figure_has_its_words_its_numbers_and_its_colors() -> None:
    shown = kit.show(FIGURE)
    page = Document(shown.html)

    assert page.one("svg").attrs["role"] == "img"
    assert page.one("svg").attrs["aria-label"] == "It rises to 5."
    assert page.one("figcaption").text == "Read it like that."
    assert [cell.text for cell in page.all("td")] == ["1.0", "4.6"]
    assert page.one("a").attrs["download"] == "speed.csv"
    for said in ("stroke: var(--blue)", "--blue:#0072b2", "prefers-color-scheme:dark"):
        assert said in shown.html
    assert ":root" not in shown.html
    assert repr(shown) == "How fast. It rises to 5."


def test_two_figures_of_one_name_do_not_share_their_parts() -> None:
    pages = [kit.show(FIGURE), kit.show(replace(FIGURE, svg=CLIPPED.format(width=2)))]

    assert len({Document(each.html).one("clippath").attrs["id"] for each in pages}) == 2


@pytest.mark.parametrize("shown", [kit.show(None), kit.section(None)])
def test_what_a_run_has_no_data_for_is_a_sentence(shown: kit.Shown) -> None:
    assert "no data" in shown.html


def test_a_table_has_a_caption_headings_and_its_numbers_to_the_right() -> None:
    shown = kit.table(("database", "S(5)"), [("native", 3.08), ("<b>", "4.86x")], "Speedups")
    page = Document(shown.html)

    assert page.one("caption").text == "Speedups"
    assert [cell.attrs.get("class") for cell in page.all("td")] == ["number", "number"]
    assert [cell.text for cell in page.all("th")] == ["database", "S(5)", "native", "<b>"]
    assert repr(shown).splitlines() == ["Speedups", "database  S(5)", "native  3.08", "<b>  4.86x"]
    assert "<b>" not in kit.table(("<b>",), [("<b>",)], "<b>").html


def test_a_sentence_is_markdown() -> None:
    shown = kit.say("It is **4.63** times.")

    assert "<strong>4.63</strong>" in shown.html
    assert repr(shown) == "It is **4.63** times."


def test_a_section_is_its_sentences_and_perhaps_its_table() -> None:
    bare = Section("Checks", ["All passed."])
    table = Table(("check", "result"), [("errors", judged("passed"))])

    page = Document(kit.section(replace(bare, table=table)).html)

    assert page.one("li").text == Document(kit.section(bare).html).one("li").text == "All passed."
    assert page.one("caption").text == "Checks"
    assert page.one("td").attrs["class"] == "good"
