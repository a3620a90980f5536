"""The report on a terminal: what was measured, and at the end what it comes to."""

import math
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from benchmarks.report.page import Page, ReportAnswer, Section, Table, Tone, tone_of
from benchmarks.storage.plain import to_plain

_STYLES: dict[Tone, str] = {
    "": "",
    "good": "green",
    "bad": "red",
    "failed": "bold red",
    "open": "yellow",
}
_LEAST_OF_THE_LAST = 20
"""Columns in which the last cell of a row can still be read on several lines."""


def print_page(page: Page, console: Console) -> None:
    """Print the report's tables and sentences, the verdicts last: that is what stays in sight."""
    console.print(*(Text(str(line)) for line in page.headline), sep="\n")
    if page.answer is None and page.lead:
        console.print(Text(f"\n{page.lead}", style="bold"))
    last = [section for section in page.sections if section.kind == "verdicts"]
    for section in [*(each for each in page.sections if each not in last), *last]:
        if section.kind != "machine":
            console.print(_section(section, console.width))
    if page.answer is not None:
        console.print(_answer(page.answer, console.width))


def print_json(found: object) -> None:
    """Print what was found as JSON on stdout; a number that is not finite is null.

    For the option ``--json``, with which all that a person reads goes to stderr.
    """
    Console().print_json(data=_finite(to_plain(found)))


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _answer(answer: ReportAnswer, width: int) -> RenderableType:
    parts: list[RenderableType] = [Text(f"\n{answer.figure}", style="bold"), Text(answer.sentence)]
    parts += [Text(answer.consequence)] if answer.consequence else []
    if answer.rows:
        parts.append(_table(answer.table, width))
    return Group(*parts)


def _section(section: Section, width: int) -> RenderableType:
    parts: list[RenderableType] = [Text(f"\n{section.heading}", style="bold")]
    parts += [Padding(Text(str(sentence)), (0, 0, 0, 2)) for sentence in section.said]
    # Of the checks a sentence says how many passed, and the others: each is in the files.
    if section.table is not None and section.kind != "checks":
        parts.append(_table(section.table, width))
    return Group(*parts)


def _table(table: Table, width: int) -> RenderableType:
    """Return a table, or a list of its rows where its columns do not stand side by side."""
    columns = list(zip(table.headings, *table.rows, strict=True))
    widths = [max(cell_len(str(cell)) for cell in column) + 1 for column in columns]
    if sum(widths[:-1]) + min(widths[-1], _LEAST_OF_THE_LAST) + len(widths) > width:
        return _records(table)
    rich = RichTable(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    *others, last = table.headings
    for heading in others:
        rich.add_column(Text(heading), no_wrap=True)
    # Only the last column holds text that reads well on two lines; nothing of it is left out.
    rich.add_column(Text(last), overflow="fold")
    for row in table.rows:
        rich.add_row(*(_text(cell) for cell in row))
    return rich


def _records(table: Table) -> RenderableType:
    """Return each row as lines of its own, a heading and its cell on each of them."""
    return Group(*(_record(table.headings, row) for row in table.rows))


def _record(headings: Sequence[str], row: Sequence[str]) -> RenderableType:
    first, *others = (
        Text.assemble(f"{heading}: " if heading else "", _text(cell))
        for heading, cell in zip(headings, row, strict=True)
    )
    return Group(Text(), first, *(Padding(line, (0, 0, 0, 2)) for line in others))


def _text(cell: str) -> Text:
    return Text(str(cell), style=_STYLES[tone_of(cell)], overflow="fold")
