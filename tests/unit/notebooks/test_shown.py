from dataclasses import replace

from benchmarks.report.figure import Figure
from benchmarks.report.page import Section, Table
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


def test_a_figure_is_said_in_words_and_has_its_caption_and_its_numbers() -> None:
    page = Document(kit.show(FIGURE).html)

    assert page.one("svg").attrs["role"] == "img"
    assert page.one("svg").attrs["aria-label"] == "It rises to 5."
    assert page.one("figcaption").text == "Read it like that."
    assert [cell.text for cell in page.all("td")] == ["1.0", "4.6"]
    assert page.one("a").attrs["download"] == "speed.csv"


def test_a_figure_brings_its_colors_for_light_and_dark_paper() -> None:
    html = kit.show(FIGURE).html

    assert "stroke: var(--blue)" in html
    assert "--blue:#0072b2" in html
    assert "prefers-color-scheme:dark" in html
    assert ":root" not in html


def test_two_figures_of_one_name_do_not_share_their_parts() -> None:
    other = replace(FIGURE, svg=CLIPPED.format(width=2))

    names = {
        Document(kit.show(figure).html).one("clippath").attrs["id"] for figure in (FIGURE, other)
    }

    assert len(names) == 2


def test_a_terminal_shows_the_words_of_a_figure() -> None:
    assert repr(kit.show(FIGURE)) == "How fast. It rises to 5."


def test_a_picture_that_a_run_has_no_data_for_is_a_sentence() -> None:
    assert "no data" in kit.show(None).html
    assert "no data" in kit.section(None).html


def test_a_table_has_a_caption_headings_and_its_numbers_to_the_right() -> None:
    shown = kit.table(("database", "S(5)"), [("native", 3.08), ("slow", "4.86x")], "Speedups")
    page = Document(shown.html)

    assert page.one("caption").text == "Speedups"
    assert [cell.attrs.get("class") for cell in page.all("td")] == ["number", "number"]
    assert [cell.text for cell in page.all("th")] == ["database", "S(5)", "native", "slow"]
    assert repr(shown).splitlines() == ["Speedups", "database  S(5)", "native  3.08", "slow  4.86x"]


def test_markup_in_a_table_is_text() -> None:
    assert "<b>" not in kit.table(("<b>",), [("<b>",)], "<b>").html


def test_a_sentence_is_markdown() -> None:
    shown = kit.say("It is **4.63** times.")

    assert "<strong>4.63</strong>" in shown.html
    assert repr(shown) == "It is **4.63** times."


def test_a_section_is_its_sentences_and_its_table() -> None:
    part = Section("Checks", ["All passed."], Table(("check", "result"), [("errors", "passed")]))

    page = Document(kit.section(part).html)

    assert page.one("li").text == "All passed."
    assert page.one("caption").text == "Checks"
    assert page.one("td").attrs["class"] == "good"


def test_a_section_without_a_table_is_its_sentences() -> None:
    assert "All passed." in kit.section(Section("Checks", ["All passed."])).html
