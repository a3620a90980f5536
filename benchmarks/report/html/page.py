"""``report.html``: the whole report as one file; the same results and figures give the same bytes.

The texts and tables are those of ``report.md`` and the terminal, in another order: the verdict
comes first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms
from benchmarks.report.html.inline import inline
from benchmarks.report.page import Page, ReportAnswer, Section, SectionKind, Table, tone_of
from benchmarks.report.tones import variables
from benchmarks.report.view import page

_HERE = Path(__file__).parent
_OPEN = 6
"""The number of figures in sight; the others are one click away."""
_NUMBER = re.compile(
    r"[-+]?[\d ]*\.?\d+( ?%|x| ms)?( \[[-\d., ]+\])?( \([\d.]+\))?|-|reference|ceiling"
)
_WITHIN_A_NUMBER = re.compile(r"(?<=\d) (?=\d{3})|(?<=\d,) (?=[-\d]+[.\d]*\])|(?<=\d) (?=(ms|%)\b)")
_NO_BREAK = "\u00a0"
_LONG = 44


@dataclass(frozen=True, slots=True)
class TableCell:
    """A text and the class of its cell: a number, a verdict, a long text, or nothing special."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it is shown."""

    headings: Sequence[TableCell]
    rows: Sequence[Sequence[TableCell]]

    @property
    def has_headings(self) -> bool:
        """Tell whether any column is named."""
        return any(cell.text for cell in self.headings)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePart:
    """A chapter of the page; what is ``folded`` has to be opened by a click on this."""

    id: str
    heading: str
    lead: str = ""
    answer: ReportAnswer | None = None
    figures: Sequence[Figure] = ()
    more: Sequence[Figure] = ()
    folded: str = ""
    sections: Sequence[Section] = ()


def to_html(results: Results, figures: Sequence[Figure]) -> str:
    """Return the page with the figures in their order."""
    report = page(results)
    # The style sheet is a file of this package, not a value of the run.
    css = Markup(variables() + (_HERE / "style.css").read_text(encoding="utf-8"))  # noqa: S704
    return (
        templates(_HERE)
        .get_template("page.html.j2")
        .render(
            title=report.title,
            headline=report.headline,
            lead=report.lead,
            css=css,
            parts=_parts(report, figures),
        )
    )


def _parts(report: Page, figures: Sequence[Figure]) -> list[PagePart]:
    parts = [
        PagePart(
            id="verdict",
            heading="Verdict",
            lead=report.lead,
            answer=report.answer,
            sections=[*_of(report, "verdicts"), *_of(report, "wrong answers", "limits")],
        ),
        PagePart(
            id="figures",
            heading="Figures",
            figures=figures[:_OPEN],
            more=figures[_OPEN:],
        ),
        PagePart(
            id="numbers",
            heading="Numbers",
            folded="Every scenario, regime and variant",
            sections=_of(report, "measured"),
        ),
        PagePart(
            id="trust",
            heading="Checks",
            sections=_of(report, "checks"),
        ),
        PagePart(
            id="method",
            heading="Method and environment",
            folded="How it was measured, and on what",
            sections=_of(report, "machine"),
        ),
    ]
    return [part for part in parts if part.lead or part.figures or part.sections]


def _of(report: Page, *kinds: SectionKind) -> list[Section]:
    """Return the sections of these kinds, in the order of the report."""
    return [section for section in report.sections if section.kind in kinds]


@cache
def templates(folder: Path) -> Environment:
    """Return the templates of a folder, with the macros and filters that a page is made of."""
    made = Environment(
        loader=FileSystemLoader([folder, _HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "grid": grid,
        "inline": inline,
        "ms": ms,
        "slug": slug,
    }
    return made


def grid(table: Table) -> Grid:
    """Return a table with its columns of numbers found."""
    rows = table.rows
    numeric = [
        column > 0 and all(_NUMBER.fullmatch(row[column]) for row in rows)
        for column in range(len(table.headings))
    ]
    kinds = ["number" if each else "" for each in numeric]
    return Grid(
        [TableCell(text, kind) for text, kind in zip(table.headings, kinds, strict=True)],
        [
            [
                TableCell(_whole(text), kind or _kind(text))
                for text, kind in zip(row, kinds, strict=True)
            ]
            for row in rows
        ],
    )


def slug(heading: str) -> str:
    """Return a heading as an id."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _whole(text: str) -> str:
    """Keep an interval, a number with its thousands and one with its unit on one line each."""
    return _WITHIN_A_NUMBER.sub(_NO_BREAK, text)


def _kind(text: str) -> str:
    return tone_of(text) or ("long" if len(text) > _LONG else "")
