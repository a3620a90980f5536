"""Figures, tables, sentences and sliders, as a cell shows them."""

from dataclasses import replace
from typing import Any

import pytest
from ipywidgets import FloatLogSlider

from benchmarks.report.figure import Figure
from benchmarks.report.page import Section, Table, judged
from notebooks.lib import kit
from notebooks.lib.shown import Sliders
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


@pytest.mark.parametrize("shown", [kit.show(None), kit.section(None)])
def test_what_a_run_has_no_data_for_is_a_sentence(shown: kit.Shown) -> None:
    assert "no data" in shown.html


def test_a_table_has_a_caption_headings_and_its_numbers_to_the_right() -> None:
    shown = kit.table(("database", "S(5)"), [("native", 3.08), ("<b>", "4.86x")], "Speedups")
    page = HtmlDocument(shown.html)

    assert page.one("caption").text == "Speedups"
    assert [cell.attrs.get("class") for cell in page.all("td")] == ["number", "number"]
    assert [cell.text for cell in page.all("th")] == ["database", "S(5)", "native", "<b>"]
    assert repr(shown).splitlines() == ["Speedups", "database  S(5)", "native  3.08", "<b>  4.86x"]
    assert shown._repr_markdown_().splitlines()[:4] == [
        "Speedups",
        "",
        "| database | S(5) |",
        "| --- | --- |",
    ]
    assert "<b>" not in kit.table(("<b>",), [("<b>",)], "<b>").html


def test_a_sentence_is_markdown_and_a_section_its_sentences_and_perhaps_its_table() -> None:
    said = kit.say("It is **4.63** times.")
    bare = Section("Checks", ["All passed."])
    table = Table(("check", "result"), [("errors", judged("passed"))])

    page = HtmlDocument(kit.section(replace(bare, table=table)).html)

    assert "<strong>4.63</strong>" in said.html
    assert repr(said) == "It is **4.63** times."
    assert (
        page.one("li").text == HtmlDocument(kit.section(bare).html).one("li").text == "All passed."
    )
    assert page.one("caption").text == "Checks"
    assert page.one("td").attrs["class"] == "good"


def described(**given: Any) -> kit.Shown:
    return kit.say(", ".join(f"{name}: {value}" for name, value in given.items()))


def page(sliders: Sliders) -> HtmlDocument:
    return HtmlDocument(str(sliders._repr_mimebundle_()["text/html"]))


def test_sliders_are_widgets_where_there_is_a_kernel_and_a_page_elsewhere() -> None:
    shown = kit.sliders(lambda reads: kit.say(f"twice {reads} is {2 * reads}"), reads=(1, 9))

    assert set(shown._repr_mimebundle_()) == {"text/plain", "text/html", WIDGET}
    assert [each.text for each in page(shown).all("p")] == [
        "twice 1 is 2",
        "twice 5 is 10",
        "twice 9 is 18",
    ]
    assert repr(shown) == "reads = 5: twice 5 is 10"
    assert shown._repr_svg_() is None
    assert shown._repr_markdown_().startswith("twice 5 is 10\n\n*Here with reads = 5; the sliders")
    assert kit.sliders(lambda **_: kit.show(FIGURE), n=[1])._repr_svg_() == FIGURE.svg


def test_each_slider_of_a_page_starts_where_the_widget_does() -> None:
    document = page(
        kit.sliders(lambda n, wait_ms: described(n=n, d=wait_ms), n=(1, 9), wait_ms=[50.0, 5.0])
    )

    chosen = [each.attrs["id"] for each in document.all("input") if "checked" in each.attrs]
    assert [each.split("-", 2)[2] for each in chosen] == ["n-1", "wait_ms-0"]
    assert [each.text for each in document.all("legend")] == ["n", "wait ms"]


def test_every_position_of_a_page_has_one_rule_that_shows_it_and_all_are_seen_without() -> None:
    document = page(kit.sliders(lambda a, b: described(a=a, b=b), a=(0, 2), b=(0.0, 1.0)))

    shown = [each for each in document.all("div") if each.attrs.get("class") == "combination"]
    style = document.all("style")[0].text
    assert len(shown) == 9
    assert [style.count(f":nth-of-type({number}) ") for number in range(1, 10)] == [1] * 9
    assert shown[4].attrs["aria-label"] == "a = 1, b = 0.5"
    assert style.index("@supports selector(:has(a))") < style.index("display: none")


def test_more_than_two_sliders_have_two_positions_each_and_powers_end_where_they_do() -> None:
    slider = FloatLogSlider(value=1, base=10, min=-1, max=2)
    powers = page(kit.sliders(lambda wait_ms: described(d=wait_ms), wait_ms=slider))
    three = kit.sliders(lambda a, b, c: described(a=a, b=b, c=c), a=(0, 2), b=(0, 2), c=(0, 2))

    assert len(page(three).all("input")) == 6
    assert [each.text for each in powers.all("label")] == ["0.1", "1", "100"]


def test_what_the_function_raises_ends_the_cell_and_what_is_no_figure_is_shown_as_text() -> None:
    assert page(kit.sliders(lambda n: {"<n>": n}, n=[1])).one("pre").text == "{'<n>': 1}"
    with pytest.raises(ZeroDivisionError):
        kit.sliders(lambda n: described(n=1 / n), n=(0, 2))


def test_two_sets_of_sliders_do_not_switch_each_other() -> None:
    one, other = (
        {each.attrs["name"] for each in page(shown).all("input")}
        for shown in (
            kit.sliders(lambda n: described(n=n), n=(0, 2)),
            kit.sliders(lambda n: described(n=-n), n=(0, 2)),
        )
    )

    assert not one & other
