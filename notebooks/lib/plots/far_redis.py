"""How far away the cache may be: the sweep of the delay to Redis on what the model foresees."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from benchmarks.analysis.model.cost import OURS, Trips, farther, speedup_at
from benchmarks.report.figure import Figure
from benchmarks.report.figures import times
from benchmarks.report.page import Entry, Table
from benchmarks.report.plots import panels
from benchmarks.report.plots.rows import cell
from benchmarks.report.results import Results
from benchmarks.report.tones import TONES
from notebooks.lib.model.distance import TUTORIAL, farthest_ms
from notebooks.lib.plots.fitted import Fitted

_LEAST = 3
"""Fewer points are no curve."""
_ROOM = 1.1
_STEPS = 60
_CODES = {
    f"{OURS.hit} round trip per hit": (OURS, "blue", "-"),
    f"{TUTORIAL.hit}, as in the tutorial": (TUTORIAL, "vermilion", (0, (4, 1.5))),
}


def make(results: Results) -> Figure | None:
    """Draw S against the time added to a round trip, foreseen and measured."""
    fitted = Fitted.of(results)
    points = [] if fitted is None else list(_points(results, fitted))
    if fitted is None or len(points) < _LEAST:
        return None
    title = "How far away may the cache be?"
    ratio = points[0]["hit_ratio"]
    most = _ROOM * max(point["redis_ms"] for point in points)
    draw = partial(_draw, fitted=fitted, points=points)
    limits = {name: farthest_ms(fitted.model, ratio, code[0]) for name, code in _CODES.items()}
    lost = "; ".join(f"{name}: {limit:.2g} ms" for name, limit in limits.items())
    return Figure(
        name="far-redis",
        title=title,
        caption=(
            f"Sessions with a hit ratio of {ratio:.2f}, the database as it is, and a Redis to "
            "which each round trip takes longer. Lines: foreseen from the native regime alone, "
            f"for this service ({OURS.hit} round trip of a hit, {OURS.miss} of a miss) and for "
            f"the tutorial's code ({TUTORIAL.hit} and {TUTORIAL.miss}). Points: measured, with "
            "95 % intervals; the delay comes from a proxy that itself costs a hop, so they lie "
            f"lower. Below the dashed 1 the cache loses, foreseen from so much on: {lost}."
        ),
        alt=f"Measured: {_described(points)}. Foreseen to lose from: {lost}.",
        table=Table(
            ("source", "redis ms added", "times as fast", "low", "high"),
            [*_rows(points), *_curve_rows(fitted, ratio, most)],
        ),
        svg=panels.stacked([most], draw, title=title, names=[*_CODES, "measured"], panel=260),
    )


def predicted(fitted: Fitted, hit_ratio: float, redis_ms: float, trips: Trips = OURS) -> float:
    """Return S(h) for a Redis that is so much farther than that of the fit."""
    return speedup_at(farther(fitted.model, redis_ms, trips), hit_ratio)


def _points(results: Results, fitted: Fitted) -> Iterator[Entry]:
    delays = {each["name"]: each["redis_delay_ms"] for each in results["regimes"]}
    for summary in results["summaries"]:
        delay_ms = delays[summary["regime"]]
        ratio = next((r for r in summary["ratios"] if r["variant"] == fitted.variant), None)
        if summary["scenario"] != fitted.scenario or delay_ms is None or ratio is None:
            continue
        own = next(v for v in summary["variants"] if v["variant"] == fitted.variant)
        shown = ratio["shown"] or {"low": None, "high": None}
        yield {
            "regime": summary["regime"],
            "redis_ms": delay_ms,
            "speedup": ratio["ratio"],
            "low": shown["low"],
            "high": shown["high"],
            "hit_ratio": own["hit_ratio"],
        }


def _draw(axes: Axes, most: float, *, fitted: Fitted, points: Sequence[Entry]) -> None:
    ratio = points[0]["hit_ratio"]
    xs = np.linspace(0, most, _STEPS).tolist()
    for name, (trips, tone, line) in _CODES.items():
        ys = [predicted(fitted, ratio, x, trips) for x in xs]
        axes.plot(xs, ys, color=TONES[tone].light, linestyle=line, label=name)
    color = TONES["ink"].light
    for point in points:
        if point["low"] is not None:
            axes.plot([point["redis_ms"]] * 2, [point["low"], point["high"]], color=color)
    places = [point["redis_ms"] for point in points]
    axes.plot(places, [p["speedup"] for p in points], "o", color=color, label="measured")
    panels.dashed(axes, (1,))
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
    axes.set_xlabel("ms added to a round trip to Redis")
    axes.set_ylabel("times as fast")


def _rows(points: Sequence[Entry]) -> list[list[str]]:
    return [
        [
            f"measured, {point['regime']}",
            *(cell(point[name]) for name in ("redis_ms", "speedup", "low", "high")),
        ]
        for point in points
    ]


def _curve_rows(fitted: Fitted, ratio: float, most: float) -> list[list[str]]:
    return [
        [f"foreseen, {name}", cell(x), cell(predicted(fitted, ratio, x, trips)), "", ""]
        for name, (trips, _, _) in _CODES.items()
        for x in np.linspace(0, most, 12).tolist()
    ]


def _described(points: Sequence[Entry]) -> str:
    return "; ".join(f"{times(point['speedup'])} at {point['redis_ms']:g} ms" for point in points)
