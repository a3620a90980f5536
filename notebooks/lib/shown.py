"""What a cell shows, a figure, a table or a sentence: for Jupyter, for a page, for plain text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

import mistune
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.report.figure import Figure
from benchmarks.report.html.parts import drawing, grid
from benchmarks.report.html.theme import variables
from benchmarks.report.page import Section, Table

_HERE = Path(__file__).parent
_NOTHING = "*This run has no data for this.*"
ID_DIGITS = 8
"""Of a digest: enough to tell what is on one page apart."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Something to look at, and the same in words for whoever cannot see it."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        """Return the words, which a terminal shows."""
        return self.text


def show(figure: Figure | None) -> Shown:
    """Return a figure with its caption, its alternative text and its numbers.

    It brings its own colors, light or dark as the page around it is. Without a figure it says
    that the run lacks the data for one.
    """
    if figure is None:
        return say(_NOTHING)
    # Two drawings on one page must not refer to each other's parts.
    digest = sha256(figure.svg.encode()).hexdigest()[:ID_DIGITS]
    unique = replace(figure, name=f"{figure.name}-{digest}")
    html = render("figure.html.j2", figure=drawing(unique), file=figure.name)
    return Shown(html, f"{figure.title}. {figure.alt}")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> Shown:
    """Return a small table; columns of numbers are recognized and set to the right."""
    texts = [[cell if isinstance(cell, str) else str(cell) for cell in row] for row in rows]
    html = render("table.html.j2", table=grid(Table(headings, texts)), caption=caption)
    lines = ["  ".join(row) for row in [list(headings), *texts]]
    return Shown(html, "\n".join([*([caption] if caption else []), *lines]))


def section(part: Section | None) -> Shown:
    """Return a section of a report: its sentences and, under its heading, its table."""
    if part is None:
        return say(_NOTHING)
    points = "\n".join(f"- {sentence}" for sentence in part.sentences)
    words = say(points)
    if part.table is None:
        return words
    rows = table(part.table.headings, part.table.rows, part.heading)
    return Shown(words.html + rows.html, f"{words.text}\n{rows.text}")


def say(markdown: str) -> Shown:
    """Return a sentence, or several, written in Markdown."""
    html = mistune.html(markdown)
    return Shown(f'<div class="fivefold-said">{html}</div>', markdown)


def html_of(thing: object) -> str:
    """Return anything as HTML: what it says of itself, or its text."""
    own = getattr(thing, "_repr_html_", None)
    return str(own()) if own is not None else f"<pre>{escape(str(thing))}</pre>"


def render(template: str, **values: object) -> str:
    """Return one of the templates of this folder, filled; each brings its style along."""
    return _templates().get_template(template).render(style=_style(), **values).strip()


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "cell"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> Markup:
    """Return the rules that a cell's output brings along, for it knows nothing of the page."""
    colors = variables().replace(":root", ".fivefold")
    css = (_HERE / "cell" / "cell.css").read_text(encoding="utf-8")
    # Both are files of this project, not values of a run.
    return Markup(colors + css)  # noqa: S704
