"""The report on a terminal: what decides, without the metadata."""

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from benchmarks.export.results import Results, failed_guards
from benchmarks.export.view import Section, Table, headline, sections

_LEFT_TO_THE_FILES = {"Environment"}
_STYLES = {
    "reproduced": "green",
    "not reproduced": "red",
    "inconclusive": "yellow",
    "FAILED": "bold red",
}


def print_report(results: Results, console: Console) -> None:
    """Print the report's tables and sentences."""
    console.print(*(Text(line) for line in headline(results)), sep="\n")
    for section in sections(results):
        if section.heading not in _LEFT_TO_THE_FILES:
            console.print(_section(section, results))


def _section(section: Section, results: Results) -> RenderableType:
    parts: list[RenderableType] = [Text(f"\n{section.heading}", style="bold")]
    parts += [Padding(Text(sentence), (0, 0, 0, 2)) for sentence in section.sentences]
    # Checks that passed are one sentence here; each of them is in the files.
    if section.table is not None and (section.heading != "Checks" or failed_guards(results)):
        parts.append(_table(section.table))
    return Group(*parts)


def _table(table: Table) -> RichTable:
    rich = RichTable(box=box.SIMPLE, pad_edge=False)
    for place, heading in enumerate(table.headings, start=1):
        # Only the last column holds text that reads well on two lines.
        rich.add_column(Text(heading), no_wrap=place < len(table.headings))
    for row in table.rows:
        rich.add_row(*(Text(cell, style=_style(cell)) for cell in row))
    return rich


def _style(cell: str) -> str:
    decision = cell.partition(" (")[0]
    return _STYLES.get(decision, "")
