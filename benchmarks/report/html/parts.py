"""What the templates are given: the parts of a page, and filters for figures and tables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms
from benchmarks.report.html.inline import inline
from benchmarks.report.page import ReportAnswer, Section, Table, tone_of

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
    remarks: Sequence[str] = ()
    answer: ReportAnswer | None = None
    figures: Sequence[Figure] = ()
    more: Sequence[Figure] = ()
    folded: str = ""
    sections: Sequence[Section] = ()


@cache
def templates(folder: Path) -> Environment:
    """Return the templates of a folder, with filters for what a page is made of."""
    made = Environment(
        loader=FileSystemLoader(folder),
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
