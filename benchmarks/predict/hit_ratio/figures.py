"""The pictures of a hit ratio, each made from the results alone."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.predict.hit_ratio.agreement import LINE, MARK, make_agreement, make_start, texts
from benchmarks.predict.hit_ratio.curves import AXES, LOGARITHMIC
from benchmarks.predict.hit_ratio.points import ASKED
from benchmarks.predict.hit_ratio.results import WITHIN
from benchmarks.report.figure import Figure
from benchmarks.report.page import Entry, Table
from benchmarks.report.plots import panels, style
from benchmarks.report.results import Results

_PREDICTED, _MEASURED = "predicted", "measured"
_IN_TITLES = {"ttl": "TTL"}
_PANEL = 150.0


def figures(results: Results) -> list[Figure]:
    """Return every figure for which there is data."""
    made = [make_curves(results), make_agreement(results), make_start(results)]
    return [figure for figure in made if figure is not None]


def make_curves(results: Results, axes: Sequence[str] = tuple(AXES)) -> Figure | None:
    """Draw the hit ratio along each of these axes, with what was measured on it."""
    shown = [axis for axis in axes if results["curves"].get(axis)]
    if not shown:
        return None
    title = (
        "The hit ratio along each axis"
        if len(shown) > 1
        else f"The hit ratio by {_IN_TITLES.get(shown[0], shown[0])}"
    )
    rows = [
        [axis, _PREDICTED, f"{place['x']:.4g}", f"{place['hit_ratio']:.4f}", "", ""]
        for axis in shown
        for place in results["curves"][axis]
    ]
    points = [(axis, point) for axis in shown for point in _on(results, axis)]
    rows += [
        [axis, _MEASURED, f"{_x(results, axis, point):.4g}", *texts(point["measured"])]
        for axis, point in points
    ]
    return Figure(
        name="curves" if len(shown) > 1 else f"by-{shown[0]}",
        title=title,
        caption=(
            "Which part of the reads of a list hit once the cache is warm, along one axis at a "
            "time, all else as asked (the dotted line). Points are measured, with 95 % intervals. "
            "A bar is the prediction for what was kept of the wanted rate; where that was less, "
            "both lie below the curve."
        ),
        alt=_alt(results, shown),
        table=Table(("axis", "what", "x", "hit_ratio", "low", "high"), rows),
        svg=panels.stacked(
            shown,
            partial(_draw_curve, results=results),
            title=title,
            names=[_PREDICTED, *([_MEASURED] if results["points"] else [])],
            panel=_PANEL if len(shown) > 1 else 230.0,
        ),
    )


def _on(results: Results, axis: str) -> list[Entry]:
    """Return the points on an axis: its own and the asked one, but on none of users."""
    return [
        point
        for point in results["points"]
        if point["axis"] == axis or (point["axis"] == ASKED and axis != "users")
    ]


def _x(results: Results, axis: str, point: Entry) -> float:
    """Return where a point stands: at what was kept of the TTL's operations."""
    asked = results["asked"]["positions"][axis]
    value = float(asked if point["axis"] == ASKED else point["value"])
    kept = point["workload"]["rate"] / point["wanted_rate"] if axis == "ttl" else 1.0
    return value * kept


def _draw_curve(axes: Axes, axis: str, *, results: Results) -> None:
    places = results["curves"][axis]
    xs = [place["x"] for place in places]
    if axis in LOGARITHMIC:
        panels.log_axis(axes, min(xs), max(xs), vertical=False)
    axes.plot(xs, [place["hit_ratio"] for place in places], color=LINE, label=_PREDICTED)
    here = results["asked"]["positions"][axis]
    axes.axvline(here, color=style.EDGE, linewidth=1, linestyle=(0, (1, 2)), zorder=1)
    own = _on(results, axis)
    for point in own:
        low, high = point["measured"]["low"], point["measured"]["high"]
        axes.plot([_x(results, axis, point)] * 2, [low, high], color=MARK)
    xs = [_x(results, axis, point) for point in own]
    axes.plot(xs, [point["predicted"] for point in own], "_", color=LINE, markersize=14, mew=2)
    axes.plot(
        xs,
        [point["measured"]["centre"] for point in own],
        "o",
        color=MARK,
        label=_MEASURED if results["points"] else None,
    )
    axes.set_ylim(0, 1.03)
    style.ticks(axes.yaxis, [0, 0.5, 1])
    axes.grid(visible=True, axis="y")
    axes.set_xlabel(AXES[axis])
    axes.set_ylabel("hit ratio")


def _alt(results: Results, shown: Sequence[str]) -> str:
    said = []
    for axis in shown:
        first, last = results["curves"][axis][0], results["curves"][axis][-1]
        said.append(
            f"{AXES[axis]}: {first['hit_ratio']:.2f} at {first['x']:.3g}, "
            f"{last['hit_ratio']:.2f} at {last['x']:.3g}"
        )
    counted = Counter(point["within"] for point in results["points"])
    near = f"; {counted[True]} of {counted.total()} points within {WITHIN:g}" if counted else ""
    return f"{'; '.join(said)}{near}."
