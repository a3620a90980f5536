"""The common parts of every notebook: its data, and the output of a cell.

An output is a figure, a table, a sentence or sliders.

Jupyter and a page take the HTML, a code host the picture and the Markdown, a terminal the words.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import mistune
from ipywidgets import FloatSlider, interactive
from markupsafe import Markup

from benchmarks.report.figure import Figure
from benchmarks.report.figures import significant
from benchmarks.report.html.page import templates
from benchmarks.report.markdown import table_of
from benchmarks.report.page import Section, Table
from benchmarks.report.tones import variables
from notebooks.lib.data import ROOT, live, measured, published, stored

_CELL = """
{% from "macros.html.j2" import drawing, table_of %}
<div class="fivefold">
<style>{{ style }}</style>
{{ drawing(figure) if figure else table_of(table, caption) }}
</div>
"""
_NOTHING = "*This run has no data for this.*"
_WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Shown:
    """Something to look at, and the same in words."""

    html: str
    markdown: str
    svg: str | None = None
    alt: str = ""

    def _repr_html_(self) -> str:
        return self.html

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_svg_(self) -> str | None:
        return self.svg

    def __repr__(self) -> str:
        """Return the words, which a terminal shows."""
        return self.alt or self.markdown


def show(figure: Figure | None) -> Shown:
    """Return a figure with its caption, its alternative text and its numbers.

    It brings its own colors, light or dark as the page around it is. Without a figure it says
    that the run lacks the data for one.
    """
    if figure is None:
        return say(_NOTHING)
    # Two drawings on one page must not refer to each other's parts.
    digest = sha256(figure.svg.encode()).hexdigest()
    unique = replace(figure, name=f"{figure.name}-{digest[:8]}")
    html = _cell(figure=unique)
    words = f"**{figure.title}.** {figure.caption}"
    return Shown(html, words, figure.svg, f"{figure.title}. {figure.alt}")


def table(found: Table | None, caption: str = "") -> Shown:
    """Return a small table; columns of numbers are recognized and set to the right."""
    if found is None:
        return say(_NOTHING)
    above = [caption] if caption else []
    html = _cell(table=found, caption=caption)
    return Shown(html, "\n\n".join([*above, table_of(found)]))


def section(part: Section | None) -> Shown:
    """Return a section of a report: its sentences and, under its heading, its table."""
    if part is None:
        return say(_NOTHING)
    points = "\n".join(f"- {sentence}" for sentence in part.said)
    words = say(points)
    if part.table is None:
        return words
    rows = table(part.table, part.heading)
    return Shown(words.html + rows.html, f"{words.markdown}\n\n{rows.markdown}")


def say(markdown: str) -> Shown:
    """Return a sentence, or several, written in Markdown."""
    html = mistune.html(markdown)
    return Shown(f'<div class="fivefold-said">{html}</div>', markdown)


def _cell(*, figure: Figure | None = None, table: Table | None = None, caption: str = "") -> str:
    made = templates().from_string(_CELL)
    return made.render(style=_style(), figure=figure, table=table, caption=caption).strip()


@cache
def _style() -> Markup:
    """Return the rules that a cell's output brings along, for it knows nothing of the page."""
    colors = variables().replace(":root", ".fivefold")
    css = Path(__file__).with_name("cell.css").read_text(encoding="utf-8")
    # Both are files of this project, not values of a run.
    return Markup(colors + css)  # noqa: S704


class Sliders(Shown):
    """What a function returned for the positions at which its sliders start, and the sliders.

    Jupyter shows the sliders; a page without a kernel and a code host show where they start.
    """

    def __init__(self, widget: Any, first: Shown, start: str) -> None:
        note = f"*Here with {start}; the sliders move in Jupyter.*"
        Shown.__init__(
            self,
            first.html + say(note).html,
            f"{first.markdown}\n\n{note}",
            first.svg,
            f"{start}: {first.alt}" if first.alt else "",
        )
        self._widget = widget

    def _repr_mimebundle_(self, **_asked: object) -> dict[str, object]:
        own: dict[str, object] = self._widget._repr_mimebundle_()
        return {_WIDGET: own[_WIDGET]}


def sliders(function: Callable[..., Shown], **ranges: Any) -> Sliders:
    """Return sliders for a function's arguments, with what it returns below them.

    A range is what ipywidgets takes: ``(low, high, step)``, a list of choices, a number or a
    widget. ``function`` returns what ``show``, ``say`` or ``table`` returned. It is called here
    with the values that the sliders start at, so that what it raises ends the cell.
    """
    widget = interactive(function, {"auto_display": True}, **ranges)
    start = {
        each._kwarg: each.get_interact_value()  # noqa: SLF001 - where ipywidgets keeps the name
        for each in widget.kwargs_widgets
    }
    said = ", ".join(f"{name.replace('_', ' ')} = {_label(value)}" for name, value in start.items())
    return Sliders(widget, function(**start), said)


def _label(value: object) -> str:
    return significant(value, 4) if isinstance(value, float) else str(value)
