"""The figures of a hit ratio, each made from the results alone."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.analysis.stats.intervals import Interval
from benchmarks.predict.hit_ratio.question import ASKED
from benchmarks.predict.hit_ratio.results import WITHIN, HitRatioResults, PointResult
from benchmarks.predict.hit_ratio.workload import AXES, LOGARITHMIC
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
_ROW, _FOOT = 26.0, 75.0


def figures(results: HitRatioResults) -> list[Figure]:
    """Return every figure for which there is data."""
    made = [make_curves(results), make_agreement(results), make_start(results)]
    return [figure for figure in made if figure is not None]


def make_curves(results: HitRatioResults, axes: Sequence[str] = tuple(AXES)) -> Figure | None:
    """Draw the hit ratio along each of these axes, with what was measured on it."""
    shown = [axis for axis in axes if results.curves.get(axis)]
    if not shown:
        return None
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
        [axis, _MEASURED, significant(_x(results, axis, point), 4), *texts(point.measured)]
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
    """Return the points on an axis: its own and the asked one, but on none of users."""
    return [
        point
        for point in results.points
        if point.axis == axis or (point.axis == ASKED and axis != "users")
    ]


def _x(results: HitRatioResults, axis: str, point: PointResult) -> float:
    """Return where a point stands: at what was kept of the TTL's operations."""
    asked = results.asked.positions[axis]
    value = float(asked if point.axis == ASKED else point.value)
    achieved = point.workload.rate / point.wanted_rate if axis == "ttl" else 1.0
    return value * achieved


def _draw_curve(axes: Axes, axis: str, *, results: HitRatioResults) -> None:
    curve = results.curves[axis]
    xs = [each.x for each in curve]
    if axis in LOGARITHMIC:
        panels.log_axis(axes, min(xs), max(xs), vertical=False)
    axes.plot(xs, [each.hit_ratio for each in curve], color=LINE, label=_PREDICTED)
    here = results.asked.positions[axis]
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


def make_agreement(results: HitRatioResults) -> Figure | None:
    """Draw how far each measured point lies from its prediction."""
    points = results.points
    if not points:
        return None
    title = "Measured minus predicted"
    near = sum(point.within for point in points)
    return Figure(
        name="agreement",
        title=title,
        caption=(
            f"The measured hit ratio minus the predicted one, with 95 % intervals; the band is "
            f"{WITHIN:g} to either side."
        ),
        alt=(
            f"{near} of {len(points)} points lie within {WITHIN:g}. "
            + "; ".join(f"{point.label} {point.off_by.centre:+.3f}" for point in points)
            + "."
        ),
        table=Table(
            ("point", "predicted", "measured", "low", "high"),
            [[point.label, f"{point.predicted:.4f}", *texts(point.measured)] for point in points],
        ),
        svg=style.to_svg(
            partial(_draw_agreement, points=points),
            title=title,
            height=_ROW * len(points) + _FOOT,
        ),
    )


def make_start(results: HitRatioResults) -> Figure | None:
    """Draw the asked point's hit ratio from the first operation on."""
    if not results.points:
        return None
    point = results.points[0]
    ratios, done = [], 0
    for measured, _, operations, reads, hits in point.blocks:
        if reads:
            ratios.append((done + operations / 2, hits / reads, measured))
        done += operations
    title = "The hit ratio from an empty cache"
    return Figure(
        name="start",
        title=title,
        caption=(
            "The asked point, block by block from an empty cache. The dashed line is the "
            "prediction for a warm cache; only the filled marks are counted."
        ),
        alt=(
            f"From {ratios[0][1]:.2f} in the first block to {ratios[-1][1]:.2f} in the last; "
            f"predicted {point.predicted:.2f}."
        ),
        table=Table(
            ("operation", "hit_ratio", "counted"),
            [[f"{x:.0f}", f"{y:.4f}", "yes" if is_in else "no"] for x, y, is_in in ratios],
        ),
        svg=style.to_svg(
            partial(_draw_start, ratios=ratios, predicted=point.predicted),
            title=title,
            height=230,
        ),
    )


def texts(interval: Interval) -> list[str]:
    """Return an interval as cells."""
    return [f"{each:.4f}" for each in (interval.centre, interval.low, interval.high)]


def _draw_agreement(canvas: Canvas, *, points: Sequence[PointResult]) -> None:
    axes = canvas.subplots()
    axes.axvspan(-WITHIN, WITHIN, color=style.BAND)
    axes.axvline(0, color=style.EDGE, linewidth=1)
    for row, point in enumerate(points):
        off_by = point.off_by
        axes.plot([off_by.low, off_by.high], [row, row], color=MARK)
        axes.plot([off_by.centre], [row], "o", color=MARK)
    style.ticks(axes.yaxis, range(len(points)), [point.label for point in points])
    axes.invert_yaxis()
    axes.set_xlabel("measured minus predicted")


def _draw_start(
    canvas: Canvas, *, ratios: Sequence[tuple[float, float, bool]], predicted: float
) -> None:
    axes = canvas.subplots()
    panels.dashed(axes, [predicted])
    axes.plot([x for x, _, _ in ratios], [y for _, y, _ in ratios], color=LINE)
    for x, y, is_counted in ratios:
        axes.plot([x], [y], "o", color=LINE, mfc=LINE if is_counted else style.PAPER)
    axes.set_ylim(0, 1.03)
    axes.set_xlim(left=0)
    axes.grid(visible=True, axis="y")
    axes.set(xlabel="operation", ylabel="hit ratio")
