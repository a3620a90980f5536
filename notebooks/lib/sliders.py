"""Pictures to play with: sliders where a kernel runs, fixed positions to choose from on a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import Any

from ipywidgets import FloatSlider, interactive
from markupsafe import Markup

from notebooks.lib.shown import ID_DIGITS, html_of, render

__all__ = ["FloatSlider", "Sliders", "sliders"]

_WIDGET = "application/vnd.jupyter.widget-view+json"
_FEW = 2
"""Up to so many sliders have three fixed positions each, more of them two."""


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
        return f"{self.value:.4g}" if isinstance(self.value, float) else str(self.value)


@dataclass(frozen=True, slots=True)
class Place:
    """What is seen with every slider at one of its fixed positions."""

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

    Jupyter takes the widgets, a page without a kernel the fixed positions, a terminal the words.
    """

    def __init__(self, widget: Any, static: str, text: str) -> None:
        self._widget = widget
        self._static = static
        self._text = text

    def __repr__(self) -> str:
        """Return the words, which a terminal shows."""
        return self._text

    def _repr_html_(self) -> str:
        return self._static

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
    places = [_place(function, choices) for choices in product(*rows)]
    # Two sets of sliders on one page must not switch each other.
    digest = sha256("".join(place.html for place in places).encode()).hexdigest()[:ID_DIGITS]
    static = render("sliders.html.j2", name=f"set-{digest}", rows=rows, places=places)
    first = next(place for place in places if all(choice.chosen for choice in place.choices))
    return Sliders(widget, static, f"{first.label}: {first.shown}")


def _choices(control: Any, *, few: bool) -> list[Position]:
    values, start = _positions(control, few=few)
    argument: str = control._kwarg  # noqa: SLF001 - where ipywidgets keeps the argument's name
    return [
        Position(argument, number, value, value == start) for number, value in enumerate(values)
    ]


def _place(function: Callable[..., object], choices: Sequence[Position]) -> Place:
    return Place(choices, function(**{choice.argument: choice.value for choice in choices}))


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
