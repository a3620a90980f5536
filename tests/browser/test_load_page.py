"""A person's way: start a run in Locust's form, watch the page, flip the flag, see the hits stop.

Both services, both servers and Locust are real. Nothing here waits for a time, only for what is
on the screen.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize, expect

from benchmarks.stack.embedded import Stack
from benchmarks.stack.locust import start_locust_ui
from benchmarks.stack.ports import HOST, held_port
from tests.browser.accessible import barriers_in_every_look, cut_off, every_look
from tests.browser.opened import OpenedPage, open_page
from tests.patient import both_variants

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

TOKEN = "operator-" + "0" * 32
FEW = {"FIVEFOLD_ACCOUNTS": "6", "FIVEFOLD_THINK_SECONDS": "0.15", "LOCUST_SPAWN_RATE": "6"}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
MANY = re.compile(r"^([2-9]\d|100)\b")
NONE = re.compile(r"^0(\.0)?\b")

_DRAWN = "path => path.map(each => each.dataset.line)"
_ROWS = "[...live.rows.keys()]"


@pytest.fixture(scope="module")
def locust(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start both services and Locust's UI for them."""
    folder = tmp_path_factory.mktemp("load")
    with both_variants(servers, folder, ADMIN_TOKEN=TOKEN) as addresses, held_port() as port:
        env = {f"FIVEFOLD_{variant.upper()}": url for variant, url in addresses.items()}
        env |= {"FIVEFOLD_ADMIN_TOKEN": TOKEN} | FEW
        with start_locust_ui(port=port, env=env, log=folder / "locust.log"):
            yield f"http://{HOST}:{port}"


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport=DESKTOP) as context:
        yield context


@pytest.fixture(scope="module")
def form(context: BrowserContext, locust: str) -> Page:
    """Fill Locust's form in as a person does, and press Start."""
    form = context.new_page()
    form.goto(f"{locust}/")
    form.locator("[name=userCount]").fill("6")
    # Of all classes in the picker only that which runs.
    expect(form.locator("tbody tr", has=form.locator(":checked"))).to_have_text(["ReadMostly"])
    form.get_by_role("button", name="Start").click()
    expect(form.get_by_text("RUNNING")).to_be_visible()
    return form


@pytest.fixture(scope="module")
def opened(context: BrowserContext, form: Page) -> OpenedPage:
    """Have the page of that run, once both variants were read from."""
    opened = open_page(context)
    opened.page.goto(form.evaluate("document.querySelector('a[href$=fivefold]').href"))
    expect(opened.page.locator("#speedup")).to_contain_text("x")
    return opened


@pytest.fixture(scope="module")
def page(opened: OpenedPage) -> Page:
    return opened.page


def flip(page: Page, state: str) -> None:
    page.get_by_role("switch").click()
    expect(page.locator("#flag-word")).to_have_text(state)


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#state")).to_have_text("stopped")


def drawn(page: Page) -> set[str]:
    return set(page.locator("#latency path[data-line]").evaluate_all(_DRAWN))


def test_the_curves_of_both_variants_and_the_hit_ratio_are_there(page: Page) -> None:
    expect(page.locator("#ratio-legend b")).to_have_text(MANY)

    assert {"uncached", "uncached p95", "cached, hit", "cached, hit p95"} <= drawn(page)
    expect(page.locator("#rate path[data-line]")).to_have_count(2)
    expect(page.locator("#state")).to_have_text("running")
    expect(page.locator("#speedup")).to_have_text(re.compile(r"^[\d.]+x \["))


def test_a_flip_stops_the_hits_and_is_marked_in_every_chart(page: Page) -> None:
    last_ratio = page.locator("#ratio-legend b")
    expect(last_ratio).to_have_text(MANY)
    marked = page.locator(".flip").count()

    flip(page, "off")

    expect(last_ratio).to_have_text(NONE)
    expect(page.locator("#latency path[data-line='cached, bypass']")).to_have_count(1)
    expect(page.locator("#ratios b")).to_have_text(NONE)
    expect(page.locator(".flip")).to_have_count(marked + 3)
    flip(page, "on")
    expect(last_ratio).to_have_text(MANY)


def test_a_flip_does_not_wait_for_a_service_that_is_slow_to_say_the_flag(page: Page) -> None:
    def hold_reads(route: Route) -> None:
        if route.request.method != "GET":
            route.continue_()

    page.route("**/flag", hold_reads)
    page.wait_for_event("request", lambda request: request.url.endswith("/flag"))

    flip(page, "off")
    flip(page, "on")

    page.unroute("**/flag")


def test_everything_fits_and_can_be_read(page: Page) -> None:
    for look in every_look(page):
        assert (look, cut_off(page)) == (look, [])
    expect(page.locator("body")).to_have_css("background-color", "rgb(20, 23, 26)")


def test_a_lost_connection_is_said_and_does_not_end_the_page(
    opened: OpenedPage, page: Page
) -> None:
    before, complaints = drawn(page), list(opened.complaints)
    state, progress = page.locator("#state"), page.locator("#progress")
    page.context.set_offline(True)
    try:
        expect(state).to_have_text("no connection")

        expect(page.locator("#lost")).to_be_visible()
        assert before <= drawn(page)
    finally:
        page.context.set_offline(False)
    expect(state).to_have_text("running")
    # What the browser says of the lost connection is what was asked for here.
    opened.complaints[:] = complaints
    for _ in range(2):
        expect(progress).not_to_have_text(progress.inner_text())
    expect(page.locator("#lost")).to_be_hidden()
    seconds = page.evaluate(_ROWS)
    assert sorted(seconds) == list(range(min(seconds), max(seconds) + 1))


def test_the_load_is_named_stopped_and_started_on_the_page(page: Page) -> None:
    expect(page.locator("#workload")).to_contain_text("ReadMostly: 95 % reads, 5 % writes")
    expect(page.locator("#users")).to_have_value("6")

    stop(page)
    page.locator("#users").fill("4")
    page.get_by_role("button", name="Start").click()

    expect(page.locator("#state")).to_have_text("running")
    expect(page.locator("#workload")).to_have_text(re.compile("^ReadMostly: [^:]*$"))
    expect(page.locator("#progress")).to_contain_text("4 users")
    expect(page.locator("#load-about")).to_be_empty()


def test_a_load_that_was_stopped_has_a_summary_until_the_next_start(page: Page) -> None:
    summary = page.locator("#summary")
    expect(summary).to_be_hidden()
    expect(page.locator("#ratios b")).to_have_text(MANY)

    stop(page)

    headings, rows = summary.locator("thead th"), summary.locator("tbody tr")
    expect(headings).to_have_text(["over all of it", "uncached", "cached", "cached / uncached"])
    expect(rows.first.locator("td").last).to_have_text(re.compile(r"^[\d.]+x$"))
    expect(rows.last.locator("td")).to_have_text(["-", MANY, "-"])
    page.reload()
    expect(rows).to_have_count(6)
    with page.expect_download() as download:
        summary.get_by_role("link").click()
    assert "ReadMostly" in download.value.path().read_text()
    assert barriers_in_every_look(page) == []
    page.get_by_role("button", name="Start").click()
    expect(summary).to_be_hidden()


def test_the_hit_ratio_of_the_chart_is_that_of_the_tile(page: Page) -> None:
    expect(page.locator("#ratios b")).to_have_text(re.compile(r"^[\d.]+\s%$"))
    both = page.evaluate(
        "['#ratios b', '#ratio-legend b'].map((it) => document.querySelector(it).textContent)"
    )

    assert float(both[0].split()[0]) == pytest.approx(float(both[1].split()[0]), abs=0.11)


def test_a_reset_of_the_test_begins_the_page_anew(page: Page) -> None:
    flip(page, "off")
    flip(page, "on")
    expect(page.locator(".flip")).not_to_have_count(0)
    last = max(page.evaluate(_ROWS))

    page.evaluate("void fetch('stats/reset', {method: 'POST'})")

    expect(page.locator(".flip")).to_have_count(0)
    expect(page.locator("#latency path[data-line]")).not_to_have_count(0)
    assert min(page.evaluate(_ROWS)) >= last


def test_nothing_was_asked_of_anybody_else_and_there_is_nothing_to_complain_about(
    opened: OpenedPage, locust: str
) -> None:
    assert opened.requests
    assert [url for url in opened.requests if not url.startswith(locust)] == []
    assert opened.complaints == []
