from typing import Any

import pytest
from ipywidgets import FloatLogSlider

from notebooks.lib import kit
from notebooks.lib.sliders import Sliders
from tests.unit.benchmarks.report.html.document import Document

WIDGET = "application/vnd.jupyter.widget-view+json"


def described(**given: Any) -> kit.Shown:
    return kit.say(", ".join(f"{name}: {value}" for name, value in given.items()))


def page(sliders: Sliders) -> Document:
    return Document(str(sliders._repr_mimebundle_()["text/html"]))


def test_sliders_are_widgets_where_there_is_a_kernel_and_a_page_elsewhere() -> None:
    shown = kit.sliders(lambda reads: kit.say(f"twice {reads} is {2 * reads}"), reads=(1, 9))

    assert set(shown._repr_mimebundle_()) == {"text/plain", "text/html", WIDGET}
    assert [each.text for each in page(shown).all("p")] == [
        "twice 1 is 2",
        "twice 5 is 10",
        "twice 9 is 18",
    ]
    assert repr(shown) == "reads = 5: twice 5 is 10"


def test_each_slider_of_a_page_starts_where_the_widget_does() -> None:
    document = page(
        kit.sliders(lambda n, wait_ms: described(n=n, d=wait_ms), n=(1, 9), wait_ms=[50.0, 5.0])
    )

    chosen = [each.attrs["id"] for each in document.all("input") if "checked" in each.attrs]
    assert [each.split("-", 2)[2] for each in chosen] == ["n-1", "wait_ms-0"]
    assert [each.text for each in document.all("legend")] == ["n", "wait ms"]


def test_every_position_of_a_page_has_one_rule_that_shows_it_and_all_are_seen_without() -> None:
    document = page(kit.sliders(lambda a, b: described(a=a, b=b), a=(0, 2), b=(0.0, 1.0)))

    places = [each for each in document.all("div") if each.attrs.get("class") == "place"]
    style = document.all("style")[0].text
    assert len(places) == 9
    assert [style.count(f":nth-of-type({number}) ") for number in range(1, 10)] == [1] * 9
    assert places[4].attrs["aria-label"] == "a = 1, b = 0.5"
    assert style.index("@supports selector(:has(a))") < style.index("display: none")


def test_more_than_two_sliders_have_two_positions_each() -> None:
    three = kit.sliders(lambda a, b, c: described(a=a, b=b, c=c), a=(0, 2), b=(0, 2), c=(0, 2))

    assert len(page(three).all("input")) == 6


def test_a_slider_of_powers_ends_where_its_powers_do() -> None:
    slider = FloatLogSlider(value=1, base=10, min=-1, max=2)

    document = page(kit.sliders(lambda wait_ms: described(d=wait_ms), wait_ms=slider))

    assert [each.text for each in document.all("label")] == ["0.1", "1", "100"]


def test_what_the_function_raises_ends_the_cell() -> None:
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


def test_what_is_neither_a_figure_nor_a_sentence_is_shown_as_text() -> None:
    assert page(kit.sliders(lambda n: {"<n>": n}, n=[1])).one("pre").text == "{'<n>': 1}"
