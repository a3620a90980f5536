"""``report.md``: for pull requests and for reading without tools."""

from collections.abc import Sequence

from benchmarks.report.page import Page, Section, Table


def to_markdown(page: Page) -> str:
    """Return the report; the same page gives the same bytes."""
    blocks = [f"# {page.title}", *page.headline]
    if page.lead:
        blocks.append(f"**{page.lead}**")
    for section in page.sections:
        blocks += _section(section)
    return "\n\n".join(blocks) + "\n"


def _section(section: Section) -> list[str]:
    blocks = [f"## {section.heading}"]
    if section.sentences:
        blocks.append("\n".join(f"- {sentence}" for sentence in section.sentences))
    if section.table is not None:
        blocks.append(_table(section.table))
    return blocks


def _table(table: Table) -> str:
    rows = [table.headings, ["---"] * len(table.headings), *table.rows]
    return "\n".join(_row(row) for row in rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
