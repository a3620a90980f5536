"""``report.html``: the whole report as one file; the same results and figures give the same bytes.

The texts and tables are those of ``report.md`` and the terminal, in another order: the verdict
comes first.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms
from benchmarks.report.page import Page, Section, SectionKind, Table, tone_of
from benchmarks.report.tones import TONES, variables
from benchmarks.report.view import page

_HERE = Path(__file__).parent
_IN_SIGHT = 6
"""The number of figures in sight; the others are one click away."""
_CHAPTERS: Mapping[SectionKind, tuple[str, str, str]] = {
    "measured": ("numbers", "Numbers", "Every scenario, regime and variant"),
    "checks": ("trust", "Checks", ""),
    "machine": ("method", "Method and environment", "How it was measured, and on what"),
}
"""The anchor and the heading of what follows the figures, and what folds it."""
_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_VARIABLES = {tone.light: f"var(--{name})" for name, tone in TONES.items()}
_COLOR = re.compile(r"#[0-9a-f]{6}\b")
_FONT = re.compile(r"\s*font-family:[^;]*;?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NUMBER = re.compile(
    r"[-+]?[\d ]*\.?\d+( ?%|x| ms)?( \[[-\d., ]+\])?( \([\d.]+\))?|-|reference|ceiling"
)
_WITHIN_A_NUMBER = re.compile(r"(?<=\d) (?=\d{3})|(?<=\d,) (?=[-\d]+[.\d]*\])|(?<=\d) (?=(ms|%)\b)")
_NO_BREAK = "\u00a0"
_LONG = 44


def to_html(results: Results, figures: Sequence[Figure]) -> str:
    """Return the page with the figures in their order."""
    report = page(results)
    # The style sheet is a file of this package, not a value of the run.
    css = Markup(variables() + (_HERE / "style.css").read_text(encoding="utf-8"))  # noqa: S704
    return (
        templates()
        .get_template("page.html.j2")
        .render(
            report=report,
            css=css,
            figures=figures,
            in_sight=_IN_SIGHT,
            verdict=_of(report, "verdicts", "wrong answers", "limits"),
            chapters=[(*chapter, _of(report, kind)) for kind, chapter in _CHAPTERS.items()],
        )
    )


def _of(report: Page, *kinds: SectionKind) -> list[Section]:
    """Return the sections of these kinds, by kind and then in the order of the report."""
    return [section for kind in kinds for section in report.sections if section.kind == kind]


@cache
def templates() -> Environment:
    """Return the templates of this folder, with the filters that a page is made of."""
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "column_kinds": _column_kinds,
        "inline": inline,
        "kind": _kind,
        "ms": ms,
        "slug": _slug,
        "whole": _whole,
    }
    return made


def _column_kinds(table: Table) -> list[str | None]:
    """Return the class of the cells of each column: "number" where all but the heading are."""
    return [
        "number"
        if column > 0 and all(_NUMBER.fullmatch(row[column]) for row in table.rows)
        else None
        for column in range(len(table.headings))
    ]


def _slug(heading: str) -> str:
    """Return a heading as an id."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _whole(text: str) -> str:
    """Keep an interval, a number with its thousands and one with its unit on one line each."""
    return _WITHIN_A_NUMBER.sub(_NO_BREAK, text)


def _kind(text: str) -> str | None:
    """Return the class of a cell: a verdict, a long text, or nothing special."""
    return tone_of(text) or ("long" if len(text) > _LONG else None)


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
