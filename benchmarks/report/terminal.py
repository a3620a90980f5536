"""The report on a terminal: what decides, without the metadata."""

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from benchmarks.report.page import Page, Section, Table

_LEFT_TO_THE_FILES = {"Environment"}
_WITHOUT_TABLE = {"Cost model"}
_STYLES = {
    "reproduced": "green",
    "held": "green",
    "not held": "red",
    "undecided": "yellow",
    "not reproduced": "red",
    "inconclusive": "yellow",
    "WRONG": "bold red",
    "noisy": "yellow",
    "cannot tell": "yellow",
    "FAIL": "bold red",
    "ok": "green",
    "warn": "yellow",
    "unchanged": "green",
    "changed": "yellow",
}


def print_page(page: Page, console: Console) -> None:
    """Print the report's tables and sentences."""
    console.print(*(Text(str(line)) for line in page.headline), sep="\n")
    if page.lead:
        console.print(Text(f"\n{page.lead}", style="bold"))
    for section in page.sections:
        if section.heading not in _LEFT_TO_THE_FILES:
            console.print(_section(section))


def _section(section: Section) -> RenderableType:
    parts: list[RenderableType] = [Text(f"\n{section.heading}", style="bold")]
    parts += [Padding(Text(str(sentence)), (0, 0, 0, 2)) for sentence in section.sentences]
    # Checks that passed are one sentence here; each of them is in the files.
    if section.table is not None and _is_shown(section, section.table):
        parts.append(_table(section.table))
    return Group(*parts)


def _is_shown(section: Section, table: Table) -> bool:
    if section.heading in _WITHOUT_TABLE:
        return False
    return section.heading != "Checks" or _failed(table)


def _failed(table: Table) -> bool:
    return any("WRONG" in row for row in table.rows)


def _table(table: Table) -> RichTable:
    rich = RichTable(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    *others, last = table.headings
    for heading in others:
        rich.add_column(Text(heading), no_wrap=True)
    # Only the last column holds text that reads well on two lines; nothing of it is left out.
    rich.add_column(Text(last), overflow="fold")
    for row in table.rows:
        rich.add_row(*(Text(str(cell), style=_style(str(cell))) for cell in row))
    return rich


def _style(cell: str) -> str:
    decision = cell.partition(" (")[0]
    return _STYLES.get(decision, "")
