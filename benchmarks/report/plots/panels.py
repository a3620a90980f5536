"""Small multiples: panels of one width, one below the other, with a shared legend."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.report.figure import Figure
from benchmarks.report.page import Table
from benchmarks.report.plots import style

PANEL = 185.0
_FOOT, _LEGEND_ROW = 24, 19
_LONGEST_OF_TWO = 18
"""Characters of a name of which two fit beside each other."""
_MOST_TICKS = 6
_STEPS = ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))
"""Ticks in each power of ten, from many to few; those are taken that have room."""

Part = TypeVar("Part")


def figure(
    parts: Sequence[Part],
    draw: Callable[[Axes, Part], None],
    *,
    name: str,
    title: str,
    caption: str,
    alt: str,
    table: Table,
    names: Sequence[str],
    panel: float = PANEL,
) -> Figure:
    """Return a figure with a panel per part; ``names`` are the entries of the legend.

    The legend is that of the first panel, so ``draw`` labels every curve there, also one that
    has no point in it.
    """
    columns = 2 if max(map(len, names)) <= _LONGEST_OF_TWO else 1
    height = panel * len(parts) + _FOOT + _LEGEND_ROW * -(-len(names) // columns)

    def fill(canvas: Canvas) -> None:
        all_axes = canvas.subplots(len(parts), 1, squeeze=False)[:, 0]
        for axes, part in zip(all_axes, parts, strict=True):
            draw(axes, part)
        handles, labels = all_axes[0].get_legend_handles_labels()
        canvas.legend(handles, labels, loc="outside lower left", ncols=columns)

    svg = style.to_svg(fill, title=title, height=height)
    return Figure(name=name, title=title, caption=caption, alt=alt, table=table, svg=svg)


def curve(
    axes: Axes, points: Iterable[tuple[float, float]], series_style: style.SeriesStyle, *, name: str
) -> None:
    """Draw a variant's points, with its line and its marker."""
    places = list(points)
    axes.plot(
        [x for x, _ in places],
        [y for _, y in places],
        color=series_style.color,
        marker=series_style.marker,
        linestyle=series_style.line,
        label=name,
    )


def dashed(axes: Axes, values: Iterable[float]) -> None:
    """Draw a level across the panel at each value."""
    for value in values:
        axes.axhline(value, color=style.EDGE, linewidth=1, linestyle=(0, (3, 2)), zorder=1)


def count_ticks(axes: Axes, last: int) -> None:
    """Put ticks at 1 and at a few whole numbers up to ``last``."""
    step = next(each for each in (1, 5, 10, 50, 100, 500, last) if last / each <= _MOST_TICKS)
    style.ticks(axes.xaxis, sorted({1, *range(step, last + 1, step)}))


def log_axis(axes: Axes, low: float, high: float, *, vertical: bool = True) -> None:
    """Scale an axis by powers, with a few round ticks."""
    room = (high / low) ** 0.06 if high > low else 1.5
    limits = (low / room, high * room)
    choices = [style.log_values(*limits, steps=steps) for steps in _STEPS]
    ticks = next((each for each in choices if len(each) <= _MOST_TICKS), choices[-1])
    if vertical:
        axes.set_yscale("log")
        axes.set_ylim(*limits)
        style.ticks(axes.yaxis, ticks)
    else:
        axes.set_xscale("log")
        axes.set_xlim(*limits)
        style.ticks(axes.xaxis, ticks)
    axes.grid(visible=True)
