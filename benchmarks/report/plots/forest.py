"""The forest plot: every ratio of a run with its interval, on one scale."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import MISSING, bounds, significant, times
from benchmarks.report.page import Table
from benchmarks.report.plots import style
from benchmarks.report.plots.rows import claimed_ratios

_LEFT, _RIGHT, _TOP, _BOTTOM = 6, 126, 26, 44
_ROW, _NAME, _PART, _SPACE, _LEGEND = 17, 16, 19, 7, 18
_MOST_TICKS = 6
_STEPS = ((1, 1.2, 1.5, 2, 3, 5, 8), (1, 2, 5), (1,), ())
"""Ticks in each power of ten, from many to few; those are taken that have room."""


@dataclass(frozen=True, slots=True)
class ForestRow:
    """A ratio reference / variant; no interval is shown where there was too little to say."""

    part: str
    scenario: str
    regime: str
    variant: str
    ratio: float
    shown: Interval | None

    @property
    def where(self) -> str:
        """Return what was measured in which regime."""
        return f"{self.scenario}, {self.regime}" if self.regime else self.scenario

    @property
    def number(self) -> str:
        """Return the ratio with its interval."""
        return f"{times(self.ratio)} {bounds(self.shown)}"


class Forest:
    """A column of intervals; lengths are units of the canvas, counted from above."""

    def __init__(
        self,
        rows: Sequence[ForestRow],
        *,
        styles: Mapping[str, style.SeriesStyle],
        claims: Sequence[float],
    ) -> None:
        self.claims = claims
        self._rows = rows
        self._styles = styles
        self._variants = list(dict.fromkeys(row.variant for row in rows))
        self._parts: list[tuple[float, str]] = []
        self._names: list[tuple[float, str]] = []
        self._marks: list[tuple[float, ForestRow]] = []
        self._body = self._place()
        self._foot = _BOTTOM + _LEGEND * math.ceil(len(self._variants) / 2)
        self.height = _TOP + self._body + self._foot

    def _place(self) -> float:
        y, part, where = 0.0, "", ""
        for row in self._rows:
            if row.part != part:
                part, where = row.part, ""
                y += 2 * _SPACE if y else 0
                self._parts.append((y + _PART / 2, part))
                y += _PART
            if row.regime and row.where != where:
                where = row.where
                self._names.append((y + _SPACE + _NAME / 2, where))
                y += _SPACE + _NAME
            self._marks.append((y + _ROW / 2, row))
            y += _ROW
        return y + _SPACE

    def draw(self, canvas: Canvas) -> None:
        """Draw everything on an empty canvas of this height."""
        canvas.set_layout_engine("none")
        width = style.WIDTH - _LEFT - _RIGHT
        axes = canvas.add_axes(
            (
                _LEFT / style.WIDTH,
                self._foot / self.height,
                width / style.WIDTH,
                self._body / self.height,
            )
        )
        self._scale(axes)
        self._draw_references(axes)
        for y, text in self._parts:
            _write(axes, y, text, color=style.INK, weight="bold")
        for y, text in self._names:
            _write(axes, y, text, color=style.MUTED)
        for y, row in self._marks:
            self._draw_row(axes, y, row)
        handles, labels = axes.get_legend_handles_labels()
        canvas.legend(handles, labels, loc="lower left", ncols=2, borderaxespad=0)

    def _scale(self, axes: Axes) -> None:
        ends = [row.ratio for row in self._rows]
        ends += [end for row in self._rows if row.shown for end in (row.shown.low, row.shown.high)]
        low = min(*ends, *self.claims, 0.95)
        high = max(*ends, *self.claims, 1.3)
        room = (high / low) ** 0.05
        axes.set_xscale("log")
        axes.set_xlim(low / room, high * room)
        axes.set_ylim(self._body, 0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        choices = [style.log_values(low / room, high * room, steps) for steps in _STEPS]
        style.ticks(axes.xaxis, next(each for each in choices if len(each) <= _MOST_TICKS))
        axes.set_xlabel("times as fast (log scale)")

    def _draw_references(self, axes: Axes) -> None:
        axes.axvline(1, color=style.EDGE, linewidth=1, zorder=1)
        _mark(axes, 1, "1", "center")
        for place, value in enumerate(self.claims):
            axes.axvline(value, color=style.EDGE, linewidth=1, linestyle=(0, (3, 2)), zorder=1)
            # Neighbors on a log scale: their names go to either side.
            last = place == len(self.claims) - 1
            _mark(axes, value, significant(value), "left" if last else "right")

    def _draw_row(self, axes: Axes, y: float, row: ForestRow) -> None:
        series_style = self._styles[row.variant]
        first = next(mark for _, mark in self._marks if mark.variant == row.variant) is row
        if row.shown is not None:
            ends = [row.shown.low, row.shown.high]
            axes.plot(ends, [y, y], color=series_style.color, linewidth=2, zorder=2)
        axes.plot(
            [row.ratio],
            [y],
            color=series_style.color,
            marker=series_style.marker,
            markersize=5.5,
            linestyle="none",
            label=row.variant if first else None,
            zorder=3,
        )
        axes.annotate(
            row.number,
            (1, y),
            (8, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color=style.INK,
            annotation_clip=False,
        )


def _write(axes: Axes, y: float, text: str, *, color: str, weight: str = "normal") -> None:
    """Write at the left edge, on paper so that no line runs through it."""
    axes.text(
        0,
        y,
        text,
        transform=axes.get_yaxis_transform(),
        va="center",
        color=color,
        fontweight=weight,
        bbox={"facecolor": style.PAPER, "linewidth": 0, "pad": 1.5},
    )


def _mark(axes: Axes, value: float, text: str, side: str) -> None:
    offset = {"left": 2, "right": -2, "center": 0}[side]
    axes.annotate(
        text,
        (value, 0),
        (offset, 6),
        textcoords="offset points",
        ha=side,
        color=style.MUTED,
        annotation_clip=False,
    )


_HEADINGS = ("scenario", "regime", "variant", "ratio", "low 95 %", "high 95 %")


def make(results: Results) -> Figure | None:
    """Draw what verdicts are about: the claims' regimes, the mixes, and each against itself.

    The sweeps of the servers' speeds are curves of their own.
    """
    rows = [*_session_rows(results), *_mix_rows(results), *_noise_rows(results)]
    if not rows:
        return None
    title = "Every verdict at a glance"
    forest = Forest(rows, styles=style.series_styles(results), claims=claimed_ratios(results))
    dashed = " and ".join(f"{significant(value)}x" for value in forest.claims)
    lines = f" Dashed lines: the claimed {dashed}." if forest.claims else ""
    return Figure(
        name="forest",
        title=title,
        caption=(
            "The speedup of each variant against the reference, with its 95 % interval, on a "
            f"logarithmic scale: right of 1 the variant is faster.{lines}"
        ),
        alt=_alt(rows),
        table=Table(_HEADINGS, [_cells(row) for row in rows]),
        svg=style.to_svg(forest.draw, title=title, height=forest.height),
    )


def _session_rows(results: Results) -> Iterable[ForestRow]:
    for summary in results.summaries:
        if summary.kind == "mix" or results.roles[summary.regime] != "claim":
            continue
        for ratio in summary.ratios:
            yield ForestRow("Sessions", *summary.key, ratio.variant, ratio.ratio, ratio.shown)


def _mix_rows(results: Results) -> Iterable[ForestRow]:
    for mix in results.workloads:
        if mix.speedup:
            yield ForestRow(
                "Workloads of many users",
                mix.scenario,
                mix.regime,
                mix.variant,
                mix.speedup.centre,
                mix.speedup,
            )


def _noise_rows(results: Results) -> Iterable[ForestRow]:
    for noise in results.noise:
        part, ratio = "Noise: each against itself", noise.ratio
        yield ForestRow(part, "a/a", "", noise.variant, ratio.centre, ratio)


def _cells(row: ForestRow) -> list[str]:
    shown = row.shown
    ends = [f"{shown.low:g}", f"{shown.high:g}"] if shown else [MISSING, MISSING]
    return [row.scenario, row.regime or MISSING, row.variant, f"{row.ratio:g}", *ends]


def _alt(rows: Sequence[ForestRow]) -> str:
    listed = [f"{row.variant}, {row.where}: {row.number}" for row in rows]
    many = f" and {len(listed) - 12} more in the table" if len(listed) > 12 else ""  # noqa: PLR2004
    return f"Ratios with intervals. {'; '.join(listed[:12])}{many}."
