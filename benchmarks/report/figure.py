"""A figure of a report: what is drawn, what it says in words, and its numbers."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.report.page import Table

_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.,]+( ?%)?$|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One picture with all that a reader who cannot see it needs.

    ``caption`` says how to read it and which limits apply, ``alt`` what can be seen in it, with
    the numbers that matter. ``table`` holds every number that is drawn. ``svg`` is a whole SVG
    document in the light colors of ``plots.style``.
    """

    name: str
    """The stem of its files, a slug; unique within a report."""
    title: str
    caption: str
    alt: str
    table: Table
    svg: str

    def csv(self) -> str:
        """Return the numbers as CSV."""
        return to_csv((self.table.headings, *self.table.rows))

    def markdown(self, path: str) -> str:
        """Return the figure, stored at ``path`` beside the text, as a section in Markdown."""
        return f"## {self.title}\n\n![{self.alt}]({path})\n\n*{self.caption}*\n"


def to_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows of texts as CSV (RFC 4180, but with plain line feeds), none of them a formula."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(map(as_text, row) for row in rows)
    return file.getvalue()


def as_text(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: what is one gets an apostrophe."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
