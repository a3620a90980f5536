import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

from benchmarks.analysis.claims.verdict import Decision
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.html.page import to_html
from benchmarks.report.page import Table
from benchmarks.report.view import page
from tests.unit.benchmarks.report.html.document import HtmlDocument
from tests.unit.benchmarks.report.runs import check, everything, session_run
from tests.unit.benchmarks.simulate import ENVIRONMENT


@cache
def full() -> Results:
    """Compute a run with everything in it, and more checks than one has; nobody may change it."""
    return replace(everything(), checks=tuple(check(f"check {number}") for number in range(400)))


@cache
def text() -> str:
    return to_html(full(), [figure(name=f"figure-{number}") for number in range(7)])


@cache
def document() -> HtmlDocument:
    return HtmlDocument(text())


def run(**changes: Any) -> Results:
    made = replace(session_run(regimes=("native",)), checks=(check("errors"),))
    return replace(made, **changes)


def figure(**changes: Any) -> Figure:
    values: dict[str, Any] = {
        "name": "extra",
        "title": "A title",
        "caption": "How to read it.",
        "alt": "What is seen.",
        "table": Table(("x", "y"), [("a, b", 'said "so"')]),
        "svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 100"/>',
    }
    return Figure(**(values | changes))


def test_it_asks_for_nothing_outside_itself_and_the_browser_is_told_not_to() -> None:
    leads = [
        element.attrs[name]
        for element in document().elements
        for name in ("href", "src", "srcset", "data", "action", "poster")
        if name in element.attrs
    ]
    [policy] = [
        element.attrs["content"]
        for element in document().all("meta")
        if element.attrs.get("http-equiv") == "Content-Security-Policy"
    ]

    assert leads
    assert all(lead.startswith(("#", "data:")) for lead in leads)
    assert not re.search(r"url\((?!#)|@import|https?://", text())
    assert not document().all("script", "iframe", "object", "embed", "img", "form")
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy


def test_the_verdict_comes_first_and_the_environment_last() -> None:
    parts = [each.attrs["id"] for each in document().all("section")]
    headings = [each.text for each in document().all("h3")]
    first = next(each for each in document().all("p") if each.is_in("section"))
    said = page(full()).answer

    assert said is not None
    assert parts == ["verdict", "figures", "numbers", "trust", "method"]
    assert first.text == f"{said.figure} {said.sentence}"
    assert headings[0] == "Verdicts"
    assert headings[-1] == "Environment"


def test_headings_are_in_order_and_only_one_is_the_first() -> None:
    levels = [int(each.tag[1]) for each in document().all("h1", "h2", "h3")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_every_id_is_there_once_and_every_link_leads_to_one() -> None:
    ids = [each.attrs["id"] for each in document().elements if "id" in each.attrs]
    leads = {
        lead[1:]
        for element in document().elements
        for lead in (element.attrs.get("href", ""), "#" + element.attrs.get("aria-labelledby", ""))
        if lead.startswith("#") and len(lead) > 1
    }

    assert len(set(ids)) == len(ids)
    assert leads <= set(ids)
    assert "main" in leads


def test_every_section_of_the_other_reports_is_in_it() -> None:
    shown = [each.text for each in document().all("h3")]
    items = [each.text for each in document().all("li")]

    for section in page(full()).sections:
        assert shown.count(section.heading) == 1
        assert all(" ".join(each.split()) in items for each in section.sentences)


def test_markup_in_anything_measured_is_text() -> None:
    evil = "<script>alert(1)</script>"
    made = run(
        state="broken",
        reason=evil,
        environment=replace(ENVIRONMENT, python=evil),
        checks=(replace(check("errors"), detail=evil),),
    )

    broken = HtmlDocument(to_html(made, [figure(title=evil, caption=evil, alt=evil)]))

    assert not broken.all("script")
    assert broken.one("body").text.count(evil) >= 4


def test_checks_are_folded_and_six_figures_are_in_sight() -> None:
    summaries = [each.text for each in document().all("summary")]

    assert "All 400 of them" in summaries
    assert "All figures: 1 more" in summaries


def test_what_flatters_a_cache_is_said_with_the_verdict() -> None:
    verdict = next(each for each in document().all("section"))

    assert "these are not MongoDB figures." in verdict.text
    assert "Predicted, not measured: with a fast local database, 0.5 ms a read" in verdict.text


def test_an_unfinished_run_says_so_before_anything_else() -> None:
    made = HtmlDocument(to_html(run(state="interrupted", reason="it was stopped"), []))

    body = made.one("body").text
    assert body.index("This run is interrupted: it was stopped.") < body.index("Verdict")


def test_a_run_without_figures_has_no_empty_chapter_and_one_without_ratios_a_page() -> None:
    nothing = dict.fromkeys(("summaries", "verdicts", "checks", "noise", "blocks"), ())
    made = HtmlDocument(to_html(run(**nothing), []))

    assert "figures" not in [each.attrs["id"] for each in made.all("section")]
    assert "Figures" not in [each.text for each in made.all("a")]
    assert "compared nothing" in made.one("main").text


def test_verdicts_and_failures_can_be_told_without_reading_every_word() -> None:
    first = run().verdicts[0]
    decisions: dict[Decision, str] = {
        "reproduced": "",
        "inconclusive": "",
        "not reproduced": "weaker",
    }
    made = run(
        checks=(check("x", result="wrong"), check("y", result="noisy")),
        verdicts=tuple(
            replace(first, verdict=decision, qualifier=qualifier)
            for decision, qualifier in decisions.items()
        ),
    )
    cells = {
        each.text: each.attrs.get("class") for each in HtmlDocument(to_html(made, [])).all("td")
    }

    assert cells["WRONG"] == "failed"
    assert cells["noisy"] == "open"
    assert cells["reproduced"] == "good"
    assert cells["not reproduced (weaker)"] == "bad"
    assert cells["inconclusive"] == "open"
