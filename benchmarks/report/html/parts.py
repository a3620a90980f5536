"""What the templates are given: sections with their ids, and filters for figures and tables."""

import base64
import re
from collections.abc import Iterable, Sequence
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
_FOLDED_FROM = 13
_MOST_ROWS = 200


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
    left_out: int = 0

    @property
    def has_headings(self) -> bool:
        """Tell whether any column is named."""
        return any(cell.text for cell in self.headings)


@dataclass(frozen=True, slots=True)
class PlacedSection:
    """A section of a page with its id and the level of its heading."""

    id: str
    level: int
    section: Section

    @property
    def folded(self) -> bool:
        """Tell whether its table has to be opened."""
        table = self.section.shown
        return (
            self.section.kind == "checks" and table is not None and len(table.rows) >= _FOLDED_FROM
        )


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
    sections: Sequence[PlacedSection] = ()


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
        "csv_uri": _csv_uri,
        "grid": grid,
        "inline": inline,
        "ms": ms,
        "numbers": _numbers,
    }
    return made


def grid(table: Table, *, most: int | None = None) -> Grid:
    """Return a table with its columns of numbers found, cut after ``most`` rows."""
    rows = table.rows[:most]
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
        len(table.rows) - len(rows),
    )


def placed(sections: Iterable[Section]) -> list[PlacedSection]:
    """Return sections with ids that are unique in their part; a detail is under what it is of."""
    made: list[PlacedSection] = []
    for section in sections:
        level = 4 if made and section.kind == "detail" else 3
        name = slug(section.heading)
        if level == 4:  # noqa: PLR2004 - the heading's level
            owner = next(each for each in reversed(made) if each.level < level)
            name = f"{owner.id}-{name}"
        made.append(PlacedSection(name, level, section))
    return made


def slug(heading: str) -> str:
    """Return a heading as an id."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _csv_uri(figure: Figure) -> str:
    """Return the numbers of a figure as a file to save."""
    return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(figure.csv().encode()).decode()}"


def _numbers(figure: Figure) -> Grid:
    """Return what is shown of the numbers of a figure."""
    return grid(figure.table, most=_MOST_ROWS)


def _whole(text: str) -> str:
    """Keep an interval, a number with its thousands and one with its unit on one line each."""
    return _WITHIN_A_NUMBER.sub(_NO_BREAK, text)


def _kind(text: str) -> str:
    return tone_of(text) or ("long" if len(text) > _LONG else "")
