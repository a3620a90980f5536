"""An SVG document as a part of a page: its colors follow the page, its names are its own."""

import re
import xml.etree.ElementTree as ET

from markupsafe import Markup

from benchmarks.report.figure import Figure
from benchmarks.report.tones import TONES

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_VARIABLES = {tone.light: f"var(--{name})" for name, tone in TONES.items()}
_COLOR = re.compile(r"#[0-9a-f]{6}\b")
_FONT = re.compile(r"\s*font-family:[^;]*;?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def inline(figure: Figure) -> Markup:
    """Return the figure's drawing as an element of an HTML page, named by its alternative text.

    Colors of ``TONES`` become CSS variables, the font is the page's, and ids stand behind the
    figure's name.
    """
    # The document is our own drawing, never a file from elsewhere.
    root = ET.fromstring(figure.svg)  # noqa: S314
    _drop_what_the_page_has(root)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        element.attrib = _attributes(element, figure.name)
    view_box = root.attrib["viewBox"]
    root.attrib = {"viewBox": view_box, "role": "img", "aria-label": figure.alt}
    # The text is markup by construction: the serializer escapes what is not.
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704


def _drop_what_the_page_has(root: ET.Element) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{_SVG}metadata", f"{_SVG}style", f"{_SVG}title"}:
                parent.remove(child)


def _attributes(element: ET.Element, prefix: str) -> dict[str, str]:
    return {
        key.removeprefix(_XLINK): _value(key.removeprefix(_XLINK), value, prefix)
        for key, value in element.attrib.items()
    }


def _value(key: str, value: str, prefix: str) -> str:
    if key == "id":
        return f"{prefix}-{value}"
    if key == "href" and value.startswith("#"):
        return f"#{prefix}-{value[1:]}"
    if key == "style":
        value = _FONT.sub("", value)
    value = _COLOR.sub(lambda found: _VARIABLES.get(found[0], found[0]), value)
    return _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
