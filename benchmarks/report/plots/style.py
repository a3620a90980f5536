"""The style of all figures: colors, markers, sizes, and SVG that is the same byte for byte.

A figure is drawn in the light tones below. The page replaces each of them by a CSS variable of
the tone's name, so that one drawing serves light, dark and paper; the file on disk keeps them.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from benchmarks.analysis.header import RunHeader
from benchmarks.report.tones import TONES

PAPER, INK, MUTED = TONES["paper"].light, TONES["ink"].light, TONES["muted"].light
GRID, EDGE = TONES["grid"].light, TONES["edge"].light
ON_LIGHT, ON_DARK = "#0d0d0d", "#fdfdfd"
"""Text on a filled area of a color map, which is the same on light and dark paper."""
COLOR_MAP = "cividis"
"""Rises evenly in lightness, so that it can be read without color."""

WIDTH = 360
"""Units (CSS pixels on a phone) of every figure; more panels make it higher, not wider."""
_POINTS_PER_INCH = 72
_Line = str | tuple[int, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class SeriesStyle:
    """The look of a variant, the same in every figure: three marks that each tell it apart."""

    color: str
    marker: str
    line: _Line


_SERIES_TONES = ("gray", "blue", "vermilion", "purple", "orange", "sky", "green")
_MARKERS = "os^vPXD<>hdp8H1x2*4"
_LINES: Sequence[_Line] = (
    (0, (4, 1.5)),
    "-",
    (0, (1, 1)),
    (0, (3, 1, 1, 1)),
    (0, (5, 1, 1, 1, 1, 1)),
    (0, (2, 2)),
    (0, (6, 1, 1, 1)),
)


def series_styles(results: RunHeader) -> dict[str, SeriesStyle]:
    """Return the style of each variant, given by its place: the reference is gray."""
    looks = zip(cycle(_SERIES_TONES), cycle(_MARKERS), cycle(_LINES), strict=False)
    return {
        entry.name: SeriesStyle(TONES[tone].light, marker, line)
        for entry, (tone, marker, line) in zip(results.variants, looks, strict=False)
    }


def to_svg(draw: Callable[[Canvas], None], *, title: str, height: float) -> str:
    """Return what ``draw`` puts on an empty canvas ``WIDTH`` wide and ``height`` units high.

    The canvas lays its axes out itself, so that no label is cut off.
    """
    with mpl.rc_context():
        # What a user has set for figures of their own must not change the report's.
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        size = (WIDTH / _POINTS_PER_INCH, height / _POINTS_PER_INCH)
        canvas = Canvas(figsize=size, layout="constrained")
        draw(canvas)
        file = io.BytesIO()
        canvas.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
        return file.getvalue().decode()


def ticks(axis: Axis, values: Sequence[float], labels: Sequence[str] | None = None) -> None:
    """Put ticks at these values only, with plain numbers unless there are labels."""
    axis.set_major_locator(FixedLocator(values))
    texts = [f"{value:g}" for value in values] if labels is None else labels
    axis.set_major_formatter(FixedFormatter(texts))
    axis.set_minor_locator(NullLocator())


def log_values(low: float, high: float, steps: Sequence[float] = (1, 2, 5)) -> list[float]:
    """Return the round values from ``low`` to ``high``, ``steps`` in each power of ten."""
    exponents = range(-6, 7)
    values = [float(f"{step}e{exponent}") for exponent in exponents for step in steps]
    return [value for value in values if low <= value <= high]


def heading(axes: Axes, text: str) -> None:
    """Write what a panel shows above its left edge."""
    axes.set_title(text, loc="left", fontsize=11.5, color=INK, fontweight="bold", pad=8)


_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "fivefold",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": EDGE,
    "axes.facecolor": "none",
    "axes.labelcolor": MUTED,
    "axes.labelsize": 11,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "xtick.color": EDGE,
    "ytick.color": EDGE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "legend.handlelength": 2.6,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.04,
}
