"""Small multiples: panels of one width, one below the other, with a shared legend."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.export.plots import style

PANEL = 185.0
_FOOT, _LEGEND_ROW = 24, 19

Part = TypeVar("Part")


def stacked(
    parts: Sequence[Part],
    draw: Callable[[Axes, Part], None],
    *,
    title: str,
    names: int,
    panel: float = PANEL,
) -> str:
    """Return the SVG of a panel per part; ``names`` is how many entries the legend has."""
    height = panel * len(parts) + _FOOT + _LEGEND_ROW * -(-names // 2)

    def fill(canvas: Canvas) -> None:
        all_axes = canvas.subplots(len(parts), 1, squeeze=False)[:, 0]
        for axes, part in zip(all_axes, parts, strict=True):
            draw(axes, part)
        style.legend(canvas, all_axes[0])

    return style.to_svg(fill, title=title, height=height)


def log_axis(axes: Axes, low: float, high: float, *, vertical: bool = True) -> None:
    """Scale an axis by powers, with a few round ticks."""
    room = (high / low) ** 0.06
    limits = (low / room, high * room)
    ticks = style.log_values(*limits)
    if len(ticks) > 6:  # noqa: PLR2004 - what fits
        ticks = style.log_values(*limits, steps=(1,))
    if vertical:
        axes.set_yscale("log")
        axes.set_ylim(*limits)
        style.ticks(axes.yaxis, ticks)
    else:
        axes.set_xscale("log")
        axes.set_xlim(*limits)
        style.ticks(axes.xaxis, ticks)
    axes.grid(visible=True)
