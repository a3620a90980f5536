import base64
import re
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.report.figure import Figure
from benchmarks.report.html.page import to_html
from benchmarks.report.page import Table
from benchmarks.report.plots import figures
from benchmarks.report.sentence import sentence
from benchmarks.report.view import page
from tests.unit.benchmarks.report.full import full
from tests.unit.benchmarks.report.html.document import Document
from tests.unit.benchmarks.report.runs import REGIMES, guard, results, workload

NAMES = ("uncached", "cached", "naive", "cashews")
MIXES = ("uniform", "zipf", "mostly-reads", "half-writes", "latest", "empty", "ttl", "unindexed")


@pytest.fixture(scope="module")
def large() -> dict[str, Any]:
    """Make a run with everything in it, and more checks than a full one has."""
    return results(
        NAMES,
        list(REGIMES),
        workloads=[workload(mix, name, 2.0, 0.8) for mix in MIXES for name in NAMES[1:]],
        guards=[guard(f"check {number}") for number in range(400)],
    )


@pytest.fixture(scope="module")
def text(large: dict[str, Any]) -> str:
    return to_html(large, figures(large))


@pytest.fixture(scope="module")
def document(text: str) -> Document:
    return Document(text)


def figure(name: str = "extra", **changes: Any) -> Figure:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 100"><path d="M 0 0"/></svg>'
    values: dict[str, Any] = {
        "name": name,
        "title": "A title",
        "caption": "How to read it.",
        "alt": "What is seen.",
        "table": Table(("x", "y"), [("1", "2")]),
        "svg": svg,
    }
    return Figure(**(values | changes))


def test_it_asks_for_nothing_outside_itself(text: str, document: Document) -> None:
    leads = [
        element.attrs[name]
        for element in document.elements
        for name in ("href", "src", "srcset", "data", "action", "poster")
        if name in element.attrs
    ]

    assert leads
    assert all(lead.startswith(("#", "data:")) for lead in leads)
    assert not re.search(r"url\((?!#)|@import|https?://", text)
    assert not document.all("script", "iframe", "object", "embed", "img", "form")


def test_a_browser_is_told_to_load_nothing_either(document: Document) -> None:
    [policy] = [
        element.attrs["content"]
        for element in document.all("meta")
        if element.attrs.get("http-equiv") == "Content-Security-Policy"
    ]

    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy


def test_it_says_its_language_fits_a_phone_and_knows_both_schemes(document: Document) -> None:
    meta = {
        each.attrs.get("name", ""): each.attrs["content"]
        for each in document.all("meta")
        if "content" in each.attrs
    }

    assert document.one("html").attrs["lang"] == "en"
    assert meta["viewport"] == "width=device-width, initial-scale=1"
    assert meta["color-scheme"] == "light dark"


def test_the_verdict_comes_first_and_the_environment_last(
    large: dict[str, Any], document: Document
) -> None:
    parts = [each.attrs["id"] for each in document.all("section")]
    headings = [each.text for each in document.all("h3", "h4")]
    first = next(each for each in document.all("p") if each.is_in("section"))

    assert parts == ["verdict", "figures", "numbers", "trust", "method"]
    assert first.text == sentence(large)
    assert headings[0] == "Every verdict at a glance"
    assert headings[-1] == "Environment"


def test_headings_are_in_order_and_only_one_is_the_first(document: Document) -> None:
    levels = [int(each.tag[1]) for each in document.all("h1", "h2", "h3", "h4")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_every_id_is_there_once_and_every_link_leads_to_one(document: Document) -> None:
    ids = [each.attrs["id"] for each in document.elements if "id" in each.attrs]
    wanted = [
        lead[1:]
        for element in document.elements
        for lead in (element.attrs.get("href", ""), "#" + element.attrs.get("aria-labelledby", ""))
        if lead.startswith("#") and len(lead) > 1
    ]

    assert len(set(ids)) == len(ids)
    assert set(wanted) <= set(ids)
    assert "main" in wanted


def test_every_section_of_the_other_reports_is_in_it(
    large: dict[str, Any], document: Document
) -> None:
    shown = [each.text for each in document.all("h3", "h4")]
    items = [each.text for each in document.all("li")]

    for section in page(large).sections:
        assert shown.count(section.heading) == 1
        assert all(" ".join(each.split()) in items for each in section.sentences)


def test_tables_have_captions_and_headers_with_a_scope(document: Document) -> None:
    for table in document.all("table"):
        captions = [each for each in document.all("caption") if table in each.inside]
        headers = [each for each in document.all("th") if table in each.inside]
        assert len(captions) == 1
        assert captions[0].text
        assert headers
        assert {each.attrs["scope"] for each in headers} <= {"col", "row"}


def test_tables_scroll_in_a_box_that_a_keyboard_reaches(document: Document) -> None:
    for table in document.all("table"):
        box = table.inside[-1]
        assert box.attrs["class"] == "scroll"
        assert box.attrs["tabindex"] == "0"
        assert box.attrs["aria-label"]


def test_every_figure_has_caption_alternative_and_numbers() -> None:
    document = Document(to_html(results(), [figure()]))

    drawn = document.one("figure")
    inside = [each for each in document.elements if drawn in each.inside]
    by_tag = {each.tag: each for each in inside}
    assert by_tag["svg"].attrs["role"] == "img"
    assert by_tag["svg"].attrs["aria-label"] == "What is seen."
    assert by_tag["figcaption"].text == "How to read it."
    assert by_tag["details"].is_in("figure")
    assert [each.text for each in inside if each.tag == "td"] == ["2"]


def test_the_numbers_of_a_figure_can_be_saved_as_csv() -> None:
    given = figure()
    document = Document(to_html(results(), [given]))

    [link] = [each for each in document.all("a") if "download" in each.attrs]
    kind, _, data = link.attrs["href"].partition(",")
    assert link.attrs["download"] == "extra.csv"
    assert kind == "data:text/csv;charset=utf-8;base64"
    assert base64.b64decode(data).decode() == given.csv() == "x,y\n1,2\n"


def test_a_very_long_table_is_cut_on_the_page_and_whole_in_the_file() -> None:
    table = Table(("x",), [(str(number),) for number in range(1000)])
    document = Document(to_html(results(), [figure(table=table)]))

    [link] = [each for each in document.all("a") if "download" in each.attrs]
    rows = [each for each in document.all("tr") if each.is_in("figure")]
    assert len(rows) == 201
    assert "The first 200 of 1000 rows" in document.one("main").text
    assert base64.b64decode(link.attrs["href"].partition(",")[2]).decode().count("\n") == 1001


def test_markup_in_anything_measured_is_text() -> None:
    evil = "<script>alert(1)</script>"
    made = results(state="broken", reason=evil)
    made["environment"]["python"] = evil
    made["guards"][0]["detail"] = evil

    document = Document(to_html(made, [figure(title=evil, caption=evil, alt=evil)]))

    assert not document.all("script")
    assert document.one("body").text.count(evil) >= 4


def test_many_checks_are_folded_and_few_are_not(document: Document) -> None:
    few = Document(to_html(results(), []))

    assert "All 400 of them" in [each.text for each in document.all("summary")]
    assert not few.all("details")
    assert "what errors saw" in few.one("main").text


def test_an_unfinished_run_says_so_before_anything_else() -> None:
    document = Document(to_html(results(state="interrupted", reason="it was stopped"), []))

    body = document.one("body").text
    assert body.index("This run is interrupted: it was stopped.") < body.index("Verdict")


def test_a_run_without_figures_has_no_empty_chapter() -> None:
    document = Document(to_html(results(), []))

    assert "figures" not in [each.attrs["id"] for each in document.all("section")]
    assert "Figures" not in [each.text for each in document.all("a")]


def test_a_run_that_compared_nothing_still_has_a_page() -> None:
    empty = results(summaries=[], verdicts=[], guards=[], noise=[], blocks=[], coherence=[])

    document = Document(to_html(empty, figures(empty)))

    assert "compared nothing" in document.one("main").text


def test_verdicts_and_failures_can_be_told_without_reading_every_word() -> None:
    made = results(guards=[guard("x", passed=False)])
    made["verdicts"][0] |= {"verdict": "inconclusive", "qualifier": ""}
    cells = {
        each.text: each.attrs.get("class", "") for each in Document(to_html(made, [])).all("td")
    }

    assert cells["FAILED"] == "failed"
    assert cells["reproduced"] == "good"
    assert cells["not reproduced (weaker)"] == "bad"
    assert cells["inconclusive"] == "open"


def test_a_full_run_weighs_less_than_two_megabytes() -> None:
    made = full(rates=(100.0, 300.0, 1000.0))
    drawn = figures(made)

    text = to_html(made, drawn)

    assert len(drawn) >= 12
    assert 300_000 < len(text.encode()) < 2_000_000


def test_the_same_results_give_the_same_bytes(large: dict[str, Any], text: str) -> None:
    assert to_html(large, figures(large)) == text
