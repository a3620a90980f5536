"""What keeps people from using a page: barriers that axe-core finds, and what is cut off."""

from collections.abc import Iterator
from itertools import product
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

_SIZES: tuple[ViewportSize, ...] = (
    {"width": 390, "height": 844},
    {"width": 1280, "height": 900},
)
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_GRAVE = {"serious", "critical"}
_OVERFLOWING = """
[...document.querySelectorAll("main *, header *, nav *, footer *")]
  .filter(each => !each.closest(".scroll, .skip, svg, caption"))
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
  .map(each => each.tagName + " " + each.textContent.trim().slice(0, 40))
"""
_CUT_TEXTS = """
[...document.querySelectorAll("figure svg")].flatMap(svg => {
  const box = svg.getBoundingClientRect();
  const right = getComputedStyle(svg).overflow === "visible" ? innerWidth : box.right + 2;
  return [...svg.querySelectorAll("text")].filter(text => {
    const own = text.getBoundingClientRect();
    return own.left < box.left - 2 || own.right > right
      || own.top < box.top - 2 || own.bottom > box.bottom + 2;
  }).map(text => text.textContent);
})
"""


def barriers_of(page: Page) -> list[str]:
    """Return the violations of serious or critical impact in what is open."""
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in _GRAVE
    ]


def every_look(page: Page) -> Iterator[str]:
    """Show the page on a phone and a desktop, in light and in dark; dark is the last."""
    for size, scheme in product(_SIZES, _SCHEMES):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.evaluate(_TWO_FRAMES)
        yield f"{size['width']} {scheme}"


def barriers_in_every_look(page: Page) -> list[str]:
    """Return the barriers on a phone and a desktop, in light and in dark."""
    return [f"{look}: {barrier}" for look in every_look(page) for barrier in barriers_of(page)]


def cut_off(page: Page) -> list[str]:
    """Return what reaches beyond the window, and the labels that reach beyond their figure."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return [*page.evaluate(_OVERFLOWING), *page.evaluate(_CUT_TEXTS)]
