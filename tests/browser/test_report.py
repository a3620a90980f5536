"""The report as a reader sees it: in a real browser, on a phone and on a desk, light and dark."""

from pathlib import Path

import pytest

from benchmarks.export.html.page import to_html
from benchmarks.export.plots import figures
from benchmarks.export.tones import TONES
from tests.browser.chromium import Tab
from tests.unit.benchmarks.export.full import full

PHONE, DESK = (360, 800), (1280, 900)
WINDOWS = [(size, scheme) for size in (PHONE, DESK) for scheme in ("light", "dark")]

_OVERFLOWING = """
[...document.querySelectorAll("main *, header *, nav *")]
  .filter(each => !each.closest(".scroll, svg, caption"))
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
  .map(each => each.tagName + " " + each.textContent.trim().slice(0, 40))
"""
_BOXES = """
[...document.querySelectorAll("figure svg")].map(each => {
  const box = each.getBoundingClientRect();
  return {width: box.width, height: box.height, left: box.left, right: box.right};
})
"""
_CUT_TEXTS = """
[...document.querySelectorAll("figure svg")].flatMap(svg => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter(text => {
    const own = text.getBoundingClientRect();
    return own.left < box.left - 2 || own.right > box.right + 2
      || own.top < box.top - 2 || own.bottom > box.bottom + 2;
  }).map(text => text.textContent);
})
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
    made = full(rates=(100.0, 300.0, 1000.0))
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(to_html(made, figures(made)), encoding="utf-8")
    return file


@pytest.fixture(params=WINDOWS, ids=lambda window: f"{window[0][0]}-{window[1]}")
def shown(request: pytest.FixtureRequest, tab: Tab, report: Path) -> Tab:
    (width, height), scheme = request.param
    tab.show(report, width=width, height=height, scheme=scheme)
    return tab


def test_nothing_is_asked_for_but_the_page_itself(shown: Tab, report: Path) -> None:
    requested = [each["request"]["url"] for each in shown.seen("Network.requestWillBeSent")]

    assert [url for url in requested if not url.startswith("data:")] == [report.as_uri()]


def test_the_browser_has_nothing_to_complain_about(shown: Tab) -> None:
    assert shown.seen("Log.entryAdded") == []
    assert shown.seen("Runtime.consoleAPICalled") == []
    assert shown.seen("Runtime.exceptionThrown") == []


def test_the_page_never_scrolls_sideways_also_with_everything_open(shown: Tab) -> None:
    shown.value("document.querySelectorAll('details').forEach(each => each.open = true)")

    assert shown.value("document.documentElement.scrollWidth") <= shown.value("innerWidth")
    assert shown.value(_OVERFLOWING) == []


def test_every_figure_is_seen_whole(shown: Tab) -> None:
    boxes = shown.value(_BOXES)

    assert len(boxes) >= 12
    assert all(box["width"] >= 300 and box["height"] >= 100 for box in boxes)
    assert all(box["left"] >= 0 and box["right"] <= shown.value("innerWidth") for box in boxes)


def test_no_label_of_a_figure_is_cut_off_and_all_can_be_read(shown: Tab) -> None:
    assert shown.value(_CUT_TEXTS) == []
    assert shown.value(_SMALLEST_TEXT) >= 9


def test_the_numbers_of_a_figure_open(shown: Tab) -> None:
    numbers = "document.querySelector('figure .scroll').checkVisibility()"
    height = "document.querySelector('figure details').getBoundingClientRect().height"
    closed = shown.value(height)
    before = shown.value(numbers)

    shown.value("document.querySelector('figure summary').click()")

    assert not before
    assert shown.value(numbers)
    assert shown.value(height) > closed + 50


def test_paper_and_lines_follow_the_scheme(tab: Tab, report: Path) -> None:
    for scheme in ("light", "dark"):
        tab.show(report, width=360, height=800, scheme=scheme)
        paper = getattr(TONES["paper"], scheme)
        red, green, blue = (int(paper[place : place + 2], 16) for place in (1, 3, 5))
        assert tab.value("getComputedStyle(document.body).backgroundColor") == (
            f"rgb({red}, {green}, {blue})"
        )
        filled = "getComputedStyle(document.querySelector('figure svg path')).fill"
        assert tab.value(filled) == f"rgb({red}, {green}, {blue})"


def test_on_paper_it_is_light_whatever_the_screen_is(tab: Tab, report: Path) -> None:
    tab.show(report, width=1280, height=900, scheme="dark", media="print")

    assert tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.value("getComputedStyle(document.querySelector('nav')).display") == "none"


def test_it_prints(tab: Tab, report: Path) -> None:
    tab.show(report, width=1280, height=900, scheme="light")

    pdf = tab.pdf()

    assert pdf.startswith(b"%PDF")
    assert 3 <= pdf.count(b"/Type /Page\n") <= 60


def test_a_keyboard_comes_to_the_skip_link_first(tab: Tab, report: Path) -> None:
    tab.show(report, width=360, height=800, scheme="light")

    for kind in ("keyDown", "keyUp"):
        tab.call(
            "Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9
        )

    assert tab.value("document.activeElement.textContent") == "Skip to the verdict"
    assert tab.value("document.activeElement.getBoundingClientRect().left") >= 0
