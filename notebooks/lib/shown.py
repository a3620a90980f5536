"""The output of a cell: a figure, a table, a sentence or sliders.

Jupyter and a page take the HTML, a code host the picture and the Markdown, a terminal the text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

import mistune
from ipywidgets import FloatSlider, interactive
from markupsafe import Markup

from benchmarks.report.figure import Figure
from benchmarks.report.figures import significant
from benchmarks.report.html.parts import templates
from benchmarks.report.markdown import table_of
from benchmarks.report.page import Section, Table
from benchmarks.report.tones import variables

_HERE = Path(__file__).parent
_NOTHING = "*This run has no data for this.*"
ID_DIGITS = 8
"""Of a digest: enough to tell what is on one page apart."""
__all__ = ["FloatSlider", "Sliders", "sliders"]

_WIDGET = "application/vnd.jupyter.widget-view+json"
_MOVE = "the sliders move in Jupyter, and on the page that `make notebooks` writes"
_FEW = 2
"""Up to so many sliders have three fixed positions each, more of them two."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Something to look at, and the same in words for whoever cannot see it."""

    html: str
    text: str
    markdown: str
    svg: str | None = None

    def _repr_html_(self) -> str:
        return self.html

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_svg_(self) -> str | None:
        return self.svg

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
    html = render("figure.html.j2", figure=unique)
    words = f"**{figure.title}.** {figure.caption}"
    return Shown(html, f"{figure.title}. {figure.alt}", words, figure.svg)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> Shown:
    """Return a small table; columns of numbers are recognized and set to the right."""
    texts = [[cell if isinstance(cell, str) else str(cell) for cell in row] for row in rows]
    whole, above = Table(headings, texts), [caption] if caption else []
    html = render("table.html.j2", table=whole, caption=caption)
    lines = ["  ".join(row) for row in [list(headings), *texts]]
    return Shown(html, "\n".join([*above, *lines]), "\n\n".join([*above, table_of(whole)]))


def section(part: Section | None) -> Shown:
    """Return a section of a report: its sentences and, under its heading, its table."""
    if part is None:
        return say(_NOTHING)
    points = "\n".join(f"- {sentence}" for sentence in part.said)
    words = say(points)
    if part.table is None:
        return words
    rows = table(part.table.headings, part.table.rows, part.heading)
    return Shown(
        words.html + rows.html,
        f"{words.text}\n{rows.text}",
        f"{words.markdown}\n\n{rows.markdown}",
    )


def say(markdown: str) -> Shown:
    """Return a sentence, or several, written in Markdown."""
    html = mistune.html(markdown)
    return Shown(f'<div class="fivefold-said">{html}</div>', markdown, markdown)


def html_of(thing: object) -> str:
    """Return anything as HTML: what it says of itself, or its text."""
    own = getattr(thing, "_repr_html_", None)
    return str(own()) if own is not None else f"<pre>{escape(str(thing))}</pre>"


def render(template: str, **values: object) -> str:
    """Return one of the templates of this folder, filled; each brings its style along."""
    return templates(_HERE / "cell").get_template(template).render(style=_style(), **values).strip()


@cache
def _style() -> Markup:
    """Return the rules that a cell's output brings along, for it knows nothing of the page."""
    colors = variables().replace(":root", ".fivefold")
    css = (_HERE / "cell" / "cell.css").read_text(encoding="utf-8")
    # Both are files of this project, not values of a run.
    return Markup(colors + css)  # noqa: S704


@dataclass(frozen=True, slots=True)
class Position:
    """A fixed position of one slider, as a button of a page without a kernel."""

    argument: str
    number: int
    value: object
    chosen: bool

    @property
    def id(self) -> str:
        """Return what tells it apart from every other one of these sliders."""
        return f"{self.argument}-{self.number}"

    @property
    def name(self) -> str:
        """Return the argument as a reader calls it."""
        return self.argument.replace("_", " ")

    @property
    def label(self) -> str:
        """Return the value with the digits that a reader can use."""
        return significant(self.value, 4) if isinstance(self.value, float) else str(self.value)


@dataclass(frozen=True, slots=True)
class Combination:
    """The output with every slider at one of its fixed positions."""

    choices: Sequence[Position]
    shown: object

    @property
    def label(self) -> str:
        """Return the positions in words."""
        return ", ".join(f"{choice.name} = {choice.label}" for choice in self.choices)

    @property
    def html(self) -> Markup:
        """Return what is seen; a notebook trusts what its own cells show."""
        return Markup(html_of(self.shown))  # noqa: S704


class Sliders:
    """One output in two forms; whoever shows it takes the better one that it knows.

    Jupyter takes the widgets, a page without a kernel the fixed positions, a terminal the words,
    a code host the position that they start at.
    """

    def __init__(self, widget: Any, static: str, first: Combination) -> None:
        self._widget = widget
        self._static = static
        self._first = first
        self._text = f"{first.label}: {first.shown}"

    def __repr__(self) -> str:
        """Return the words, which a terminal shows."""
        return self._text

    def _repr_html_(self) -> str:
        return self._static

    def _repr_svg_(self) -> str | None:
        return getattr(self._first.shown, "svg", None)

    def _repr_markdown_(self) -> str:
        words = getattr(self._first.shown, "markdown", str(self._first.shown))
        return f"{words}\n\n*Here with {self._first.label}; {_MOVE}.*"

    def _repr_mimebundle_(self, **_asked: object) -> dict[str, object]:
        own: dict[str, object] = self._widget._repr_mimebundle_()
        return {"text/plain": self._text, "text/html": self._static, _WIDGET: own[_WIDGET]}


def sliders(function: Callable[..., object], **ranges: Any) -> Sliders:
    """Return sliders for a function's arguments, with what it returns below them.

    A range is what ipywidgets takes: ``(low, high, step)``, a list of choices, a number or a
    widget. The page has three fixed positions of each slider (low, middle, high), two where there
    are more than two sliders, all of a short list. ``function`` is called for each of them here, so
    that what it raises ends the cell. It returns what ``kit.show`` or ``kit.table`` returned.
    """
    widget = interactive(function, {"auto_display": True}, **ranges)
    controls = widget.kwargs_widgets
    rows = [_choices(control, few=len(controls) <= _FEW) for control in controls]
    combinations = [_combination(function, choices) for choices in product(*rows)]
    # Two sets of sliders on one page must not switch each other.
    digest = sha256("".join(one.html for one in combinations).encode()).hexdigest()[:ID_DIGITS]
    static = render("sliders.html.j2", name=f"set-{digest}", rows=rows, combinations=combinations)
    first = next(one for one in combinations if all(choice.chosen for choice in one.choices))
    return Sliders(widget, static, first)


def _choices(control: Any, *, few: bool) -> list[Position]:
    values, start = _positions(control, few=few)
    argument: str = control._kwarg  # noqa: SLF001 - where ipywidgets keeps the argument's name
    return [
        Position(argument, number, value, value == start) for number, value in enumerate(values)
    ]


def _combination(function: Callable[..., object], choices: Sequence[Position]) -> Combination:
    return Combination(choices, function(**{choice.argument: choice.value for choice in choices}))


def _positions(control: Any, *, few: bool) -> tuple[Sequence[object], object]:
    """Return the fixed positions of a slider, and which of them it starts at."""
    start = control.get_interact_value()
    if hasattr(control, "options"):
        return [value for _, value in control._options_full], start  # noqa: SLF001 - names apart
    if hasattr(control, "max"):
        base = getattr(control, "base", None)
        ends = (
            (control.min, control.max) if base is None else (base**control.min, base**control.max)
        )
        all_three = [ends[0], start, ends[1]] if few else [start, ends[1]]
        return sorted(set(all_three)), start
    return [start], start
