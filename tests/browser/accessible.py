"""What axe-core finds on a page that keeps people from using it."""

from itertools import product
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

_SIZES: tuple[ViewportSize, ...] = (
    {"width": 390, "height": 844},
    {"width": 1280, "height": 900},
)
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_GRAVE = {"serious", "critical"}


def barriers_of(page: Page) -> list[str]:
    """Return the violations of serious or critical impact in what is open."""
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in _GRAVE
    ]


def barriers_in_every_look(page: Page) -> list[str]:
    """Return the barriers on a phone and a desktop, in light and in dark."""
    found = []
    for size, scheme in product(_SIZES, _SCHEMES):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        found += [f"{size['width']} {scheme}: {barrier}" for barrier in barriers_of(page)]
    return found
