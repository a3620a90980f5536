"""What a rendered page asks of the world, and what it says to who cannot see it."""

import re

from tests.unit.benchmarks.report.html.document import Document, Element

_LOADS = {"src", "srcset", "poster", "data", "xlink:href", "background"}
_OWN = ("data:", "#")
_LOADING = {"script", "iframe", "object", "embed", "base", "video", "audio"}
_IN_STYLE = re.compile(r"@import|url\((?!['\"]?(?:data:|#))")


def requests(document: Document) -> list[str]:
    """Return what a browser would load for the page; where a link leads is not loaded."""
    asked = [f"<{each.tag}>" for each in document.all(*_LOADING)]
    for each in document.elements:
        keys = _LOADS if each.tag == "a" else _LOADS | {"href"}
        found = [each.attrs[key] for key in sorted(keys & {*each.attrs})]
        asked += [value for value in found if not value.startswith(_OWN)]
        asked += _IN_STYLE.findall(each.attrs.get("style", ""))
    return asked + [one for each in document.all("style") for one in _IN_STYLE.findall(each.text)]


def pictures(document: Document) -> list[Element]:
    """Return everything that is seen only."""
    return document.all("svg", "img", "canvas")


def is_told(picture: Element) -> bool:
    """Tell whether a picture is also said in words."""
    told = picture.attrs.get("alt" if picture.tag == "img" else "aria-label", "")
    return bool(told.strip()) and (picture.tag == "img" or picture.attrs.get("role") == "img")
