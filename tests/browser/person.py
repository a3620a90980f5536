"""What a person does at a page that lives: click, wait for what is to be seen."""

import time
from typing import Any

from tests.browser.chromium import Tab

PATIENCE_S = 40.0
_BETWEEN_CLICKS_S = 2.0


def wait_for(tab: Tab, expression: str) -> Any:
    """Return what the expression gives as soon as it gives anything but false."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := tab.value(f"(() => {{ try {{ return ({expression}) }} catch {{}} }})()")):
        assert time.monotonic() < deadline, f"{expression}: {tab.value('document.body.innerText')}"
        time.sleep(0.1)
    return value


def go(tab: Tab, url: str) -> None:
    tab.events.clear()
    tab.call("Page.navigate", url=url)
    wait_for(tab, f"location.href === '{url}' && document.readyState === 'complete'")


def click(tab: Tab, element: str) -> None:
    """Click with the mouse where the element is, so that what covers it is hit instead."""
    tab.value(f"{element}.scrollIntoView({{block: 'center'}})")
    box = tab.value(f"(() => {element}.getBoundingClientRect().toJSON())()")
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    for kind in ("mousePressed", "mouseReleased"):
        tab.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)


def click_until(tab: Tab, element: str, expression: str) -> None:
    """Click, and again every few seconds for as long as the element is there and nothing came."""
    deadline = time.monotonic() + PATIENCE_S
    while not tab.value(expression):
        assert time.monotonic() < deadline, expression
        if tab.value(f"Boolean({element})"):
            click(tab, element)
        time.sleep(_BETWEEN_CLICKS_S)
