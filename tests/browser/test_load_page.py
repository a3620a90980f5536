"""A person's way: start a run in Locust's form, watch the page, flip the flag, see the hits stop.

Both services, both servers and Locust are real. Nothing here waits for a time, only for what is
on the screen.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.locust import start_locust_ui
from benchmarks.stack.ports import free_port
from benchmarks.stack.service import start_service
from tests.browser.chromium import Tab
from tests.browser.person import click, click_until, go, wait_for

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

TOKEN = "operator-" + "0" * 32
SERVICE = {
    "ENVIRONMENT": "development",
    "TRUSTED_PROXIES": "127.0.0.1",
    "LOG_LEVEL": "WARNING",
    "ADMIN_TOKEN": TOKEN,
}
FEW = {"FIVEFOLD_ACCOUNTS": "6", "FIVEFOLD_THINK_SECONDS": "0.15", "LOCUST_SPAWN_RATE": "6"}
PHONE, DESK = (390, 844), (1280, 900)

_DRAWN = """
[...document.querySelectorAll("#latency path[data-line]")].map(each => each.dataset.line)
"""
_READS_HANG = """
var answering = fetch;
fetch = (path, options) =>
  path.endsWith("flag") && !options.method ? new Promise(() => {}) : answering(path, options);
"""
_LAST_RATIO = "Number.parseFloat(document.querySelector('#ratio-legend b')?.textContent)"
_FIRST_SECOND = "Math.min(...live.rows.keys())"
_OVERFLOWING = """
[...document.querySelectorAll("main *, header *, footer *")]
  .filter(each => !each.closest(".scroll, .skip"))
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
  .map(each => each.tagName + " " + each.textContent.trim().slice(0, 40))
"""
_CUT_TEXTS = """
[...document.querySelectorAll(".chart svg")].flatMap(svg => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter(text => {
    const own = text.getBoundingClientRect();
    return own.left < box.left - 2 || own.right > innerWidth || own.bottom > box.bottom + 2;
  }).map(text => text.textContent);
})
"""


def start_run(tab: Tab, url: str, users: int) -> None:
    """Fill Locust's form in as a person does and press Start."""
    go(tab, f"{url}/")
    field = "document.querySelector('[name=userCount]')"
    wait_for(tab, f"Boolean({field})")
    tab.value(f"{field}.select()")
    tab.call("Input.insertText", text=str(users))
    wait_for(tab, f"{field}.value === '{users}'")
    # While the form is still being laid out, a click may miss; a person clicks again.
    button = "document.querySelector('button[type=submit]')"
    click_until(tab, button, "/RUNNING|SPAWNING/.test(document.body.innerText)")
    wait_for(tab, "document.body.innerText.includes('RUNNING')")


@pytest.fixture(scope="module")
def locust(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start both services and Locust's UI for them."""
    folder = tmp_path_factory.mktemp("load")
    assert servers.redis is not None
    with ExitStack() as cleanup:
        addresses = {
            variant: cleanup.enter_context(
                start_service(
                    mongo_url=servers.mongo.url,
                    database=f"browser_{folder.name}_{variant}",
                    redis_url=redis,
                    log=folder / f"{variant}.log",
                    env=SERVICE,
                )
            ).url
            for variant, redis in (("uncached", None), ("cached", servers.redis.url))
        }
        env = {f"FIVEFOLD_{variant.upper()}": url for variant, url in addresses.items()}
        env |= {"FIVEFOLD_ADMIN_TOKEN": TOKEN} | FEW
        ui = start_locust_ui(port=free_port(), env=env, log=folder / "locust.log")
        yield cleanup.enter_context(ui).url


@pytest.fixture(scope="module")
def page(tab: Tab, locust: str) -> Iterator[Tab]:
    """Have the page of a run that was started in the form, once both variants were read from."""
    tab.become(width=DESK[0], height=DESK[1], scheme="light")
    start_run(tab, locust, users=6)
    link = "document.querySelector('a[href$=fivefold]')"
    go(tab, tab.value(f"{link}.href"))
    wait_for(tab, "live.data.speedup.ratio !== null")
    yield tab
    # The next test of this browser begins with an empty window.
    tab.call("Network.emulateNetworkConditions", **_network(offline=False))
    tab.call("Page.navigate", url="about:blank")


def _network(*, offline: bool) -> dict[str, Any]:
    unlimited = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    return {"offline": offline} | unlimited


def flip(page: Tab, state: str) -> None:
    click(page, "document.getElementById('flag')")
    wait_for(page, f"document.getElementById('flag-word').textContent === '{state}'")


def test_the_curves_of_both_variants_and_the_hit_ratio_are_there(page: Tab) -> None:
    wait_for(page, f"{_LAST_RATIO} > 20")

    drawn = page.value(_DRAWN)

    assert {"uncached", "uncached p95", "cached, hit", "cached, hit p95"} <= set(drawn)
    assert page.value("document.querySelectorAll('#rate path[data-line]').length") == 2
    assert page.value("document.getElementById('state').textContent") == "running"
    assert page.value("document.getElementById('speedup').textContent").count("x") == 1


def test_a_flip_stops_the_hits_and_is_marked_in_every_chart(page: Tab) -> None:
    wait_for(page, f"{_LAST_RATIO} > 20")
    marked = page.value("document.querySelectorAll('.flip').length")

    flip(page, "off")

    wait_for(page, f"{_LAST_RATIO} === 0")
    wait_for(page, f"{_DRAWN}.includes('cached, bypass')")
    wait_for(page, "document.querySelector('#ratios b').textContent.startsWith('0.0')")
    assert page.value("document.querySelectorAll('.flip').length") == marked + 3
    flip(page, "on")
    wait_for(page, f"{_LAST_RATIO} > 20")


def test_a_flip_does_not_wait_for_a_service_that_is_slow_to_say_the_flag(page: Tab) -> None:
    page.value(_READS_HANG)
    asked = page.value("live.asked")
    wait_for(page, f"live.asked > {asked}")

    flip(page, "off")
    flip(page, "on")

    page.value("void (fetch = answering)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_everything_fits_and_can_be_read(
    page: Tab, size: tuple[int, int], scheme: str, tmp_path: Path
) -> None:
    page.become(width=size[0], height=size[1], scheme=scheme)
    wait_for(page, "document.querySelector('#rate svg').clientWidth <= innerWidth")

    (tmp_path / "page.png").write_bytes(page.screenshot())

    assert page.value("document.documentElement.scrollWidth") <= size[0]
    assert page.value(_OVERFLOWING) == []
    assert page.value(_CUT_TEXTS) == []
    assert page.value("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 23, 26)"
    )


def test_the_browser_has_nothing_to_complain_about(page: Tab) -> None:
    assert page.seen("Log.entryAdded") == []
    assert page.seen("Runtime.consoleAPICalled") == []
    assert page.seen("Runtime.exceptionThrown") == []


def test_a_lost_connection_is_said_and_does_not_end_the_page(page: Tab) -> None:
    drawn = page.value(_DRAWN)
    page.call("Network.emulateNetworkConditions", **_network(offline=True))
    wait_for(page, "document.getElementById('state').textContent === 'no connection'")

    assert page.value("!document.getElementById('lost').hidden")
    assert page.value(_DRAWN) == drawn

    last = page.value("Math.max(...live.rows.keys())")
    page.call("Network.emulateNetworkConditions", **_network(offline=False))
    wait_for(page, "document.getElementById('state').textContent === 'running'")
    wait_for(page, f"Math.max(...live.rows.keys()) > {last + 1}")
    assert page.value("document.getElementById('lost').hidden")
    assert page.value("live.rows.size === 1 + Math.max(...live.rows.keys()) - " + _FIRST_SECOND)


def test_a_reset_of_the_test_begins_the_page_anew(page: Tab) -> None:
    last = page.value("Math.max(...live.rows.keys())")

    page.value("void fetch('stats/reset', {method: 'POST'})")

    wait_for(page, f"live.rows.size > 0 && {_FIRST_SECOND} >= {last}")
    wait_for(page, "document.querySelectorAll('.flip').length === 0")


def test_the_tab_in_locusts_own_ui_has_the_totals(page: Tab, locust: str) -> None:
    there = page.value("location.href")
    go(page, f"{locust}/?tab=fivefold")

    wait_for(page, "document.querySelector('table').innerText.includes('cached: hit')")
    assert "Hit ratio (%)" in page.value("document.querySelector('table').innerText")
    go(page, there)


def test_nothing_is_asked_of_anybody_else(page: Tab, locust: str) -> None:
    wait_for(page, "live.turn > 0")

    asked = [each["request"]["url"] for each in page.seen("Network.requestWillBeSent")]

    assert [url for url in asked if not url.startswith((locust, "data:"))] == []
    with urlopen(f"{locust}/fivefold") as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
