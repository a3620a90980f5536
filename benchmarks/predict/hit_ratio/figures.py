"""The figure of a hit ratio: the curves and the points, from the results alone."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.stats.intervals import Interval
from benchmarks.predict.hit_ratio.question import ASKED
from benchmarks.predict.hit_ratio.results import WITHIN, HitRatioResults, PointResult
from benchmarks.predict.hit_ratio.workload import AXES, LOGARITHMIC, position
from benchmarks.report.figure import Figure
from benchmarks.report.figures import significant
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.tones import TONES

_PREDICTED, _MEASURED = "predicted", "measured"
_IN_TITLES = {"ttl": "TTL"}
_PANEL = 150.0
LINE, MARK = TONES["blue"].light, TONES["vermilion"].light
"""The figures of predicted curves and measured points."""


def make_curves(results: HitRatioResults, shown: Sequence[str] = tuple(AXES)) -> Figure:
    """Draw the hit ratio along each of these axes, with what was measured on it."""
    title = (
        "The hit ratio along each axis"
        if len(shown) > 1
        else f"The hit ratio by {_IN_TITLES.get(shown[0], shown[0])}"
    )
    rows = [
        [axis, _PREDICTED, significant(each.x, 4), f"{each.hit_ratio:.4f}", "", ""]
        for axis in shown
        for each in results.curves[axis]
    ]
    points = [(axis, point) for axis in shown for point in _on(results, axis)]
    rows += [
        [axis, _MEASURED, significant(_x(results, axis, point), 4), *_texts(point.measured)]
        for axis, point in points
    ]
    return panels.figure(
        shown,
        partial(_draw_curve, results=results),
        name="curves" if len(shown) > 1 else f"by-{shown[0]}",
        title=title,
        caption=(
            "The share of list reads that hit once the cache is warm, along one axis at a time, "
            "with all else as asked (the dotted line). Points are measured, with 95 % intervals. A "
            "bar is the prediction for the rate that was really reached; where that was lower than "
            "asked, both lie below the curve."
        ),
        alt=_alt(results, shown),
        table=Table(("axis", "what", "x", "hit_ratio", "low", "high"), rows),
        names=[_PREDICTED, *([_MEASURED] if results.points else [])],
        panel=_PANEL if len(shown) > 1 else 230.0,
    )


def _on(results: HitRatioResults, axis: str) -> list[PointResult]:
    """Return the points on an axis: its own and the asked one."""
    return [point for point in results.points if point.axis in {axis, ASKED}]


def _x(results: HitRatioResults, axis: str, point: PointResult) -> float:
    """Return where a point stands: at what was kept of the TTL's operations."""
    asked = position(results.asked.workload, axis)
    value = float(asked if point.axis == ASKED else point.value)
    achieved = point.workload.rate / point.wanted_rate if axis == "ttl" else 1.0
    return value * achieved


def _draw_curve(axes: Axes, axis: str, *, results: HitRatioResults) -> None:
    curve = results.curves[axis]
    xs = [each.x for each in curve]
    if axis == LOGARITHMIC:
        panels.log_axis(axes, min(xs), max(xs), vertical=False)
    axes.plot(xs, [each.hit_ratio for each in curve], color=LINE, label=_PREDICTED)
    here = position(results.asked.workload, axis)
    axes.axvline(here, color=style.EDGE, linewidth=1, linestyle=(0, (1, 2)), zorder=1)
    own = _on(results, axis)
    for point in own:
        low, high = point.measured.low, point.measured.high
        axes.plot([_x(results, axis, point)] * 2, [low, high], color=MARK)
    xs = [_x(results, axis, point) for point in own]
    axes.plot(xs, [point.predicted for point in own], "_", color=LINE, markersize=14, mew=2)
    axes.plot(
        xs,
        [point.measured.centre for point in own],
        "o",
        color=MARK,
        label=_MEASURED if results.points else None,
    )
    axes.set_ylim(0, 1.03)
    style.ticks(axes.yaxis, [0, 0.5, 1])
    axes.grid(visible=True, axis="y")
    axes.set(xlabel=AXES[axis], ylabel="hit ratio")


def _alt(results: HitRatioResults, shown: Sequence[str]) -> str:
    said = []
    for axis in shown:
        first, last = results.curves[axis][0], results.curves[axis][-1]
        said.append(
            f"{AXES[axis]}: {first.hit_ratio:.2f} at {significant(first.x)}, "
            f"{last.hit_ratio:.2f} at {significant(last.x)}"
        )
    counted = Counter(point.within for point in results.points)
    near = f"; {counted[True]} of {counted.total()} points within {WITHIN:g}" if counted else ""
    return f"{'; '.join(said)}{near}."


def _texts(interval: Interval) -> list[str]:
    """Return an interval as cells."""
    return [f"{each:.4f}" for each in (interval.centre, interval.low, interval.high)]
