"""``report.md``: for pull requests and for reading without tools; verdicts come first.

Under an answer the tables are folded, which code hosts show as one line.
"""

import re
from collections.abc import Sequence

from benchmarks.report.page import Page, ReportAnswer, Section, Table

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_FIRST = ("verdicts", "checks")
_FOLDED = "All tables, limits and the machine"


def to_markdown(page: Page) -> str:
    """Return the report; the same page gives the same bytes."""
    blocks = [f"# {_text(page.title)}"]
    if page.answer is not None:
        blocks += _answer(page.answer)
    blocks += [_text(line) for line in page.headline]
    if page.answer is None and page.lead:
        blocks.append(f"**{_text(page.lead)}**")
    first = [section for kind in _FIRST for section in page.sections if section.kind == kind]
    rest = [block for each in page.sections if each not in first for block in _section(each)]
    if page.answer is not None:
        rest = [f"<details><summary>{_FOLDED}</summary>", *rest, "</details>"]
    blocks += [block for each in first for block in _section(each)] + rest
    return "\n\n".join(blocks) + "\n"


def _answer(answer: ReportAnswer) -> list[str]:
    blocks = [f"**{_text(answer.figure)}.** {_text(answer.sentence)}"]
    if answer.rows:
        blocks.append(table_of(answer.table))
    return [*blocks, *([_text(answer.consequence)] if answer.consequence else [])]


def _section(section: Section) -> list[str]:
    blocks = [f"## {_text(section.heading)}"]
    if section.said:
        blocks.append("\n".join(f"- {_text(sentence)}" for sentence in section.said))
    # Of the checks that passed their number is enough: results.json holds each of them.
    if section.table is not None and section.kind != "checks":
        blocks.append(table_of(section.table))
    return blocks


def table_of(table: Table) -> str:
    """Return a table."""
    return "\n".join(
        _row(cells) for cells in (table.headings, ["---"] * len(table.headings), *table.rows)
    )


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_text(cell).replace("|", "\\|") for cell in cells) + " |"


def _text(text: str) -> str:
    """Return a text in which no name is markup of a page."""
    return _TAG.sub("&lt;", str(text))
