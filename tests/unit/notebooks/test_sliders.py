from typing import Any

import pytest
from ipywidgets import FloatLogSlider

from notebooks.lib import kit
from notebooks.lib.sliders import Sliders
from tests.unit.benchmarks.report.html.document import Document, Element

WIDGET = "application/vnd.jupyter.widget-view+json"


def told(**given: Any) -> kit.Shown:
    return kit.say(", ".join(f"{name}: {value}" for name, value in given.items()))


def page(sliders: Sliders) -> Document:
    return Document(str(sliders._repr_mimebundle_()["text/html"]))


def inputs(document: Document) -> list[Element]:
    return document.all("input")


def test_sliders_are_widgets_where_there_is_a_kernel_and_a_page_elsewhere() -> None:
    def doubled(reads: int) -> kit.Shown:
        return kit.say(f"twice {reads} is {2 * reads}")

    shown = kit.sliders(doubled, reads=(1, 9))

    assert set(shown._repr_mimebundle_()) == {"text/plain", "text/html", WIDGET}
    assert [place.text for place in page(shown).all("p")] == [
        "twice 1 is 2",
        "twice 5 is 10",
        "twice 9 is 18",
    ]
    assert repr(shown) == "reads = 5: twice 5 is 10"


def test_each_slider_of_a_page_starts_where_the_widget_does() -> None:
    document = page(
        kit.sliders(
            lambda reads, wait_ms: told(n=reads, d=wait_ms), reads=(1, 9), wait_ms=[50.0, 5.0]
        )
    )

    chosen = [
        each.attrs["id"].split("-", 2)[2] for each in inputs(document) if "checked" in each.attrs
    ]
    assert chosen == ["reads-1", "wait_ms-0"]
    assert [each.text for each in document.all("legend")] == ["reads", "wait ms"]


def test_every_position_of_a_page_has_one_rule_that_shows_it() -> None:
    document = page(kit.sliders(lambda a, b: told(a=a, b=b), a=(0, 2), b=(0.0, 1.0)))

    places = [each for each in document.all("div") if each.attrs.get("class") == "place"]
    style = document.all("style")[0].text
    assert len(places) == 9
    assert [style.count(f":nth-of-type({number}) ") for number in range(1, 10)] == [1] * 9
    assert places[4].attrs["aria-label"] == "a = 1, b = 0.5"


def test_a_page_without_that_css_shows_all_of_them() -> None:
    style = page(kit.sliders(lambda a: told(a=a), a=(0, 2))).all("style")[0].text

    assert style.index("@supports selector(:has(a))") < style.index("display: none")


def test_more_than_two_sliders_have_two_positions_each() -> None:
    document = page(kit.sliders(lambda a, b, c: told(a=a, b=b, c=c), a=(0, 2), b=(0, 2), c=(0, 2)))

    assert len(inputs(document)) == 6


def test_a_slider_of_powers_ends_where_its_powers_do() -> None:
    slider = FloatLogSlider(value=1, base=10, min=-1, max=2)

    document = page(kit.sliders(lambda wait_ms: told(d=wait_ms), wait_ms=slider))

    assert [each.text for each in document.all("label")] == ["0.1", "1", "100"]


def test_what_the_function_raises_ends_the_cell() -> None:
    with pytest.raises(ZeroDivisionError):
        kit.sliders(lambda n: told(n=1 / n), n=(0, 2))


def test_two_sets_of_sliders_do_not_switch_each_other() -> None:
    one = inputs(page(kit.sliders(lambda n: told(n=n), n=(0, 2))))
    other = inputs(page(kit.sliders(lambda n: told(n=-n), n=(0, 2))))

    assert not {each.attrs["name"] for each in one} & {each.attrs["name"] for each in other}


def test_what_is_neither_a_figure_nor_a_sentence_is_shown_as_text() -> None:
    document = page(kit.sliders(lambda n: {"<n>": n}, n=[1]))

    assert document.one("pre").text == "{'<n>': 1}"
