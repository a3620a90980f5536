"""What figures are drawn from in these tests, and what can be read off a drawing."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from benchmarks.measure.regimes import REGIMES
from benchmarks.report.figure import Figure
from benchmarks.report.results import Results, assemble
from benchmarks.storage.records import Outcome, Sample
from tests.unit.benchmarks.report.full import full
from tests.unit.benchmarks.simulate import header, run_samples, scenario, variants

CLAIMED = ("native", "50ms-per-request", "50ms-per-query")
WIDTH = 360


@cache
def everything() -> Results:
    """Return a run of six variants in all regimes and mixes; nobody may change it."""
    return full()


def session_run(
    *names: str,
    regimes: Sequence[str] = CLAIMED,
    times_ms: Mapping[Outcome, float] | None = None,
    **changes: Any,
) -> Results:
    """Compute the results of a session of some variants, uncached and cached unless named."""
    measured = names or ("uncached", "cached")
    samples: list[Sample] = []
    for regime in regimes:
        delay_ms = REGIMES[regime].delay_ms
        uncached: Mapping[Outcome, float] = {"bypass": 5 + delay_ms, "miss": 6 + delay_ms}
        samples += run_samples(
            regime=regime,
            variants=measured,
            observations=4,
            times_ms={**uncached, **(times_ms or {})},
            db_ms=4 + delay_ms,
        )
    head = {
        "variants": variants(*measured),
        "regimes": [asdict(REGIMES[name]) | {"skipped": None} for name in regimes],
        "coherence": [],
    }
    return assemble(header(**{**head, **changes}), [_told(sample) for sample in samples])


def target_run(scenario_name: str = "front-page") -> Results:
    """Compute the results of two services of which nothing is known but their answers."""
    entries = [{**entry, "kind": "target", "caches": False} for entry in variants("a", "b")]
    samples = [
        replace(
            sample,
            outcome="unknown",
            db_ms=None,
            app_ms=None,
            duration_s=0.003 if sample.variant == "a" else 0.001,
        )
        for sample in run_samples(scenario=scenario_name, variants=("a", "b"), observations=4)
    ]
    head = header(
        variants=entries,
        scenarios=[scenario(scenario_name)],
        regimes=[asdict(REGIMES["native"]) | {"skipped": None}],
        coherence=[],
    )
    return assemble(head, samples)


def _told(sample: Sample) -> Sample:
    """Return a read with the spans that such a service would report."""
    if sample.outcome == "unknown":
        return replace(sample, db_ms=None, app_ms=None)
    return replace(sample, cache_ms=None if sample.outcome == "bypass" else 0.2)


def made(figure: Figure | None) -> Figure:
    """Return a figure that there has to be."""
    assert figure is not None
    return figure


def texts(figure: Figure) -> list[str]:
    """Return all that is written in a drawing."""
    return [box.text for box in boxes(figure)]


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


def boxes(figure: Figure) -> list[Box]:
    """Measure the texts of a drawing that are written from left to right, and others as points."""
    return [
        _box(element)
        for element in ET.fromstring(figure.svg).iter()
        if element.tag.endswith("}text")
    ]


def _box(element: ET.Element) -> Box:
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


def assert_readable(figure: Figure) -> None:
    """Check that every text is inside the drawing and none runs into another."""
    height = float(re.findall(r'viewBox="0 0 360 ([\d.]+)"', figure.svg)[0])
    found = boxes(figure)
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
