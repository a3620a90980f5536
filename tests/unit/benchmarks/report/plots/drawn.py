"""Every figure, drawn once, and what can be read off a drawing."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from benchmarks.report.figure import Figure
from benchmarks.report.plots import figures
from tests.unit.benchmarks.report.runs import everything

WIDTH = 360


@cache
def every_figure() -> Mapping[str, Figure]:
    """Draw all figures of ``everything``, which takes seconds; by their names."""
    return {figure.name: figure for figure in figures(everything())}


def made(figure: Figure | None) -> Figure:
    """Return a figure that there has to be."""
    assert figure is not None
    return figure


def texts(figure: Figure) -> list[str]:
    """Return all that is written in a drawing."""
    return ["".join(element.itertext()) for element in _texts(figure.svg)]


@dataclass(frozen=True, slots=True)
class Box:
    """Where a text is, in units of the drawing; ``y`` counts from above."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Tell whether two texts run into each other."""
        beside = self.right <= other.left or other.right <= self.left
        return not beside and self.top < other.bottom and other.top < self.bottom


def assert_readable(figure: Figure) -> None:
    """Check that every text is inside the drawing and none runs into another."""
    height = float(re.findall(r'viewBox="0 0 360 ([\d.]+)"', figure.svg)[0])
    found = [_box(element) for element in _texts(figure.svg)]
    outside = [
        box
        for box in found
        if box.left < 0 or box.right > WIDTH or box.top < 0 or box.bottom > height
    ]
    together = [
        (one.text, other.text)
        for place, one in enumerate(found)
        for other in found[place + 1 :]
        if one.overlaps(other)
    ]
    assert outside == []
    assert together == []


def _texts(svg: str) -> list[ET.Element]:
    return [each for each in ET.fromstring(svg).iter() if each.tag.endswith("}text")]


def _box(element: ET.Element) -> Box:
    """Measure a text that is written from left to right; another one counts as a point."""
    text, style = "".join(element.itertext()), element.attrib["style"]
    numbers = [float(each) for each in re.findall(r"-?[\d.]+", element.get("transform", ""))]
    x, y = (float(element.get(name, place)) for name, place in zip("xy", numbers, strict=False))
    if "rotate(-0" not in element.get("transform", ""):
        return Box(text, x, x, y, y)
    size = float(re.findall(r"([\d.]+)px", style)[0])
    weight = "bold" if re.search(r"\b(700|bold)\b", style) else "normal"
    extents = TextPath((0, 0), text, size=size, prop=FontProperties(weight=weight)).get_extents()
    width = extents.width
    left = x - width * (0.5 if "middle" in style else 1 if "anchor: end" in style else 0)
    return Box(text, left, left + width, y - extents.ymax, y - extents.ymin)
