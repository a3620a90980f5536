"""What the template is given: tables with kinds of cells, figures, sections in their parts."""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

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
class Drawing:
    """A figure as it is shown."""

    name: str
    title: str
    caption: str
    svg: Markup
    table: Grid
    csv_uri: str


@dataclass(frozen=True, slots=True)
class Text:
    """A section as it is shown; a folded table has to be opened."""

    id: str
    heading: str
    level: int
    sentences: Sequence[str]
    table: Grid | None
    folded: bool


@dataclass(frozen=True, slots=True)
class Length:
    """A bar as it is shown; its width is per cent of the longest."""

    label: str
    text: str
    width: str
    measured: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """The answer as it is shown: bars on one scale, claims as a table."""

    figure: str
    sentence: str
    consequence: str
    bars: Sequence[Length]
    claims: Grid | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePart:
    """A chapter of the page; what is ``folded`` has to be opened by a click on this."""

    id: str
    heading: str
    lead: str = ""
    remarks: Sequence[str] = ()
    answer: Screen | None = None
    figures: Sequence[Drawing] = ()
    more: Sequence[Drawing] = ()
    folded: str = ""
    sections: Sequence[Text] = field(default=())


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


def screen(answer: ReportAnswer) -> Screen:
    """Return the answer as it is shown."""
    longest = max((bar.ms for bar in answer.bars), default=1.0)
    lengths = [
        Length(bar.label, f"{ms(bar.ms)} ms", f"{100 * bar.ms / longest:.1f}", bar.measured)
        for bar in answer.bars
    ]
    table = Table(("claim", "measured [90 %]", "verdict", "name"), answer.rows)
    claims = grid(table) if answer.rows else None
    return Screen(answer.figure, answer.sentence, answer.consequence, lengths, claims)


def drawing(figure: Figure) -> Drawing:
    """Return a figure with its picture inside the page and its numbers as a file to save."""
    data = base64.b64encode(figure.csv().encode()).decode()
    return Drawing(
        figure.name,
        figure.title,
        figure.caption,
        inline(figure),
        grid(figure.table, most=_MOST_ROWS),
        f"data:text/csv;charset=utf-8;base64,{data}",
    )


def texts(sections: Iterable[Section]) -> list[Text]:
    """Return sections with ids that are unique in their part; a detail is under what it is of."""
    made: list[Text] = []
    for section in sections:
        level = 4 if made and section.kind == "detail" else 3
        name = slug(section.heading)
        if level == 4:  # noqa: PLR2004 - the heading's level
            owner = next(text for text in reversed(made) if text.level < level)
            name = f"{owner.id}-{name}"
        table = grid(section.shown) if section.shown is not None else None
        folded = section.kind == "checks" and table is not None
        folded = folded and len(section.shown.rows if section.shown else ()) >= _FOLDED_FROM
        made.append(Text(name, section.heading, level, section.sentences, table, folded))
    return made


def slug(heading: str) -> str:
    """Return a heading as an id."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _whole(text: str) -> str:
    """Keep an interval, a number with its thousands and one with its unit on one line each."""
    return _WITHIN_A_NUMBER.sub(_NO_BREAK, text)


def _kind(text: str) -> str:
    return tone_of(text) or ("long" if len(text) > _LONG else "")
