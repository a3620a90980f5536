"""The report as a reader sees it in a real browser: on a phone, on a desktop, light and dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from benchmarks.report.html.page import to_html
from benchmarks.report.tones import TONES
from tests.browser.accessible import barriers_of, cut_off
from tests.browser.opened import OpenedPage, open_page
from tests.unit.benchmarks.report.plots.drawn import every_figure
from tests.unit.benchmarks.report.runs import everything

PHONE: ViewportSize = {"width": 360, "height": 800}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
WINDOWS = [(size, scheme) for size in (PHONE, DESKTOP) for scheme in ("light", "dark")]

_ALL_CLOSED = "document.querySelectorAll('details').forEach(each => each.open = false)"
_BOXES = """
[...document.querySelectorAll("figure svg")].map(each => {
  const box = each.getBoundingClientRect();
  return {width: box.width, height: box.height, left: box.left, right: box.right};
})
"""
_EMPTY_PARTS = """
[...document.querySelectorAll("main > section")]
  .filter(each => each.checkVisibility())
  .filter(each => each.innerText.trim() === each.querySelector("h2").innerText.trim())
  .map(each => each.id)
"""
_SMALLEST_TEXT = """
Math.min(...[...document.querySelectorAll("figure svg")].flatMap(svg => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll("text")].map(
    text => parseFloat(getComputedStyle(text).fontSize) * scale);
}))
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(to_html(everything(), [*every_figure().values()]), encoding="utf-8")
    return file


@pytest.fixture(
    scope="module", params=WINDOWS, ids=lambda window: f"{window[0]['width']}-{window[1]}"
)
def opened(request: pytest.FixtureRequest, browser: Browser, report: Path) -> Iterator[OpenedPage]:
    """Open the page once for each window; tests leave it as they found it."""
    size, scheme = request.param
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        opened = open_page(context)
        opened.page.goto(report.as_uri())
        yield opened


@pytest.fixture
def page(opened: OpenedPage) -> Iterator[Page]:
    yield opened.page
    opened.page.evaluate(_ALL_CLOSED)
    opened.page.emulate_media(media="screen")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_keyboard_comes_to_the_skip_link_first(
    browser: Browser, report: Path, size: ViewportSize
) -> None:
    # A page of its own: one that a click or another window took the focus from begins elsewhere.
    with browser.new_page(viewport=size) as page:
        page.goto(report.as_uri())
        page.keyboard.press("Tab")

        link = page.get_by_text("Skip to the verdict")
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport()


def test_every_figure_is_seen_whole_and_with_everything_open_nothing_is_cut_off(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    boxes = page.evaluate(_BOXES)

    assert len(boxes) == 7
    assert all(box["width"] >= 300 and box["height"] >= 100 for box in boxes)
    assert all(box["left"] >= 0 and box["right"] <= page.evaluate("innerWidth") for box in boxes)
    assert cut_off(page) == []
    assert page.evaluate(_SMALLEST_TEXT) >= 9


def test_paper_and_lines_follow_the_scheme_and_on_paper_it_is_light(page: Page) -> None:
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    paper = TONES["paper"].dark if dark else TONES["paper"].light
    red, green, blue = (int(paper[place : place + 2], 16) for place in (1, 3, 5))

    color = f"rgb({red}, {green}, {blue})"
    expect(page.locator("body")).to_have_css("background-color", color)
    expect(page.locator("figure svg path").first).to_have_css("fill", color)
    page.emulate_media(media="print")
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator("nav")).to_be_hidden()


def test_nothing_was_asked_for_but_the_page_and_there_is_nothing_to_complain_about(
    opened: OpenedPage, report: Path
) -> None:
    assert opened.requests == [report.as_uri()]
    assert opened.complaints == []


def test_nothing_keeps_somebody_from_reading_it(page: Page) -> None:
    # All numbers at once are minutes of contrasts, and those of one figure look like all others.
    page.locator("figure summary").first.click()

    assert barriers_of(page) == []


def test_it_prints(browser: Browser, report: Path) -> None:
    with browser.new_page() as page:
        page.goto(report.as_uri())
        pdf = page.pdf(print_background=True)

    assert pdf.startswith(b"%PDF")
    assert 3 <= pdf.count(b"/Type /Page\n") <= 12


def test_on_paper_there_is_no_heading_without_anything_below_it(page: Page) -> None:
    page.emulate_media(media="print")

    assert page.evaluate(_EMPTY_PARTS) == []
    expect(page.locator("summary:visible")).to_have_count(0)
