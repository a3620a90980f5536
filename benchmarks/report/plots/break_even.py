"""Where a cache is worth it: speedup against hit ratio, and the map of hit ratio and database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from benchmarks.analysis.model.cost import CostModel, speedup_at
from benchmarks.report.computed import ModelResult, Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import significant, times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cell
from benchmarks.report.tones import TONES

_Array = NDArray[np.float64]

_DATABASES_MS = (1.0, 10.0, 100.0)
_TONES = ("sky", "green", "orange", "purple")
_LINES = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (6, 1, 1, 1)))
_CONTOURS = (1, 2, 5, 10, 20)
_PROMISED, _DARK_FROM = 5, 10
"""The contour that is thick, and the first that runs over the bright part of the map."""
_LEAST_MS, _MOST_MS, _STEPS = 0.2, 200.0, 60
_MAP, _ROW = 330, 19
_OTHERS = {"sweep": ("other speeds of the database", "o"), "mix": ("mixes of many users", "D")}
"""Points that are many and not named, by their role."""
_BEHIND = 1.9
_CELL = ("source", "database ms avoided", "hit ratio", "speedup")


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """A place on the map: what a hit avoids there, how many reads hit, how fast it was."""

    name: str
    role: str
    database_ms: float
    hit_ratio: float
    speedup: float


def make_curves(results: Results) -> Figure | None:
    """Draw S(h) for several databases with what was measured on that of the run."""
    if not results.models:
        return None
    entry = results.models[0]
    model = entry.fit.model
    here = entry.fit.source.regime
    points = [each for each in measured(results, entry) if each.name == here or each.role == "mix"]
    curves = {f"{value:g} ms": value for value in _DATABASES_MS}
    curves[f"this one, {significant(model.database_ms)} ms"] = model.database_ms
    rows = [
        [name, cell(value), cell(share), cell(speedup(model, value, share))]
        for name, value in sorted(curves.items(), key=lambda each: each[1])
        for share in np.linspace(0, 1, 11).tolist()
    ]
    rows += [[f"measured, {each.name}", *_numbers(each)] for each in points]
    models = {name: replace(model, database_ms=value) for name, value in curves.items()}
    draw = partial(_draw_speedups, points=points, levels=(1.0, entry.wanted))
    return panels.figure(
        [models],
        draw,
        name="break-even",
        title="Where a cache is worth it",
        caption=(
            f"The speedup of reads with {entry.variant} at each hit ratio, by the cost model "
            "fitted to this run: for its own database, and where a hit saves 1, 10 and 100 ms. "
            "The points are measured. Below 1 the cache costs time; the other dashed line is the "
            f"promised {entry.wanted:g}x."
        ),
        alt=_listed(points),
        table=Table(_CELL, rows),
        names=[*curves, "measured"],
        panel=260,
    )


def make_map(results: Results) -> Figure | None:
    """Draw S(h, d) as a map with its contours, and where this run is on it."""
    if not results.models:
        return None
    entry = results.models[0]
    title = "The map: hit ratio and database latency"
    model = entry.fit.model
    points = list(measured(results, entry))
    entries = {each.role if each.role in _OTHERS else each.name for each in points}
    draw = partial(_draw_map, model=model, points=points)
    return Figure(
        name="map",
        title=title,
        caption=(
            f"The speedup of reads with {entry.variant} that the cost model predicts for every hit "
            "ratio and every database; the lines mark "
            f"{', '.join(f'{each}x' for each in contours(model))}. The points are measured. A "
            "longer TTL or fewer writes move a workload up, a slower database moves it right."
        ),
        alt=_listed(points),
        table=Table(
            ("measured in", *_CELL[1:], "predicted"),
            [
                [
                    each.name,
                    *_numbers(each),
                    cell(speedup(model, each.database_ms, each.hit_ratio)),
                ]
                for each in points
            ],
        ),
        svg=style.to_svg(draw, title=title, height=_MAP + _ROW * len(entries)),
    )


def surface(model: CostModel) -> tuple[_Array, _Array, _Array]:
    """Return the map: milliseconds that a hit avoids, hit ratios, and S(h, d) in a row per h."""
    xs, ys = np.geomspace(_LEAST_MS, _MOST_MS, _STEPS), np.linspace(0, 1, _STEPS)
    return xs, ys, np.array([[speedup(model, x, y) for x in xs.tolist()] for y in ys.tolist()])


def contours(model: CostModel) -> list[int]:
    """Return the speedups whose lines run over the map."""
    _, _, grid = surface(model)
    return [each for each in _CONTOURS if grid.min() < each < grid.max()]


def speedup(model: CostModel, database_ms: float, hit_ratio: float) -> float:
    """Return S(h) of the model with another database."""
    return speedup_at(replace(model, database_ms=database_ms), hit_ratio)


def measured(results: Results, entry: ModelResult) -> Iterator[MeasuredRow]:
    """Yield the measured places of a model's variant: its sessions and its mixes of reads."""
    variant, work_ms = entry.variant, entry.fit.work_ms
    waits = {each.key: each.database_ms for each in results.summaries}
    regimes = {each.name: each for each in results.regimes}
    for each in results.summaries:
        regime = regimes[each.regime]
        ratio = each.ratio_of(variant)
        if each.scenario != entry.fit.source.scenario or ratio is None:
            continue
        if each.database_ms and regime.redis_delay_ms is None:
            avoided = each.database_ms + work_ms
            yield MeasuredRow(
                regime.name, regime.role, avoided, each.of(variant).hit_ratio, ratio.ratio
            )
    for mix in results.workloads:
        wait = waits.get((mix.scenario, mix.regime))
        if mix.variant == variant and mix.reads_speedup and wait:
            faster = mix.reads_speedup.centre
            yield MeasuredRow(mix.scenario, "mix", wait + work_ms, mix.hit_ratio, faster)


def _numbers(point: MeasuredRow) -> list[str]:
    return [cell(point.database_ms), cell(point.hit_ratio), cell(point.speedup)]


def _draw_speedups(
    axes: Axes,
    models: Mapping[str, CostModel],
    *,
    points: Sequence[MeasuredRow],
    levels: Sequence[float],
) -> None:
    """Draw S(h) of each model, the measured points, and dashed levels; the last curve is thick."""
    shares = np.linspace(0, 1, 101).tolist()
    *_, own = models
    ends = [*levels, *(each.speedup for each in points)]
    for (name, model), tone, line in zip(models.items(), _TONES, _LINES, strict=True):
        ys = [speedup_at(model, share) for share in shares]
        ends += [min(ys), max(ys)]
        width = 2.4 if name == own else 1.4
        color = TONES[tone].light
        axes.plot(shares, ys, color=color, linestyle=line, linewidth=width, label=name)
    xs, ys = [each.hit_ratio for each in points], [each.speedup for each in points]
    axes.plot(xs, ys, "o", color=style.INK, markersize=4, label="measured")
    panels.dashed(axes, levels)
    panels.log_axis(axes, min(ends), max(ends))
    axes.set_xlim(0, 1)
    axes.set(xlabel="hit ratio", ylabel="times as fast (log)")


def _draw_map(canvas: Canvas, *, model: CostModel, points: Sequence[MeasuredRow]) -> None:
    axes = canvas.subplots()
    xs, ys, grid = surface(model)
    axes.set_xscale("log")
    levels = np.linspace(-0.3, np.log(40), 24)
    filled = axes.contourf(xs, ys, np.log(grid), levels=levels, cmap=style.COLOR_MAP, extend="both")
    # Without edges the paper shines through between the areas.
    filled.set_edgecolor("face")
    if shown := contours(model):
        colors = [style.ON_LIGHT if each >= _DARK_FROM else style.ON_DARK for each in shown]
        widths = [2.4 if each == _PROMISED else 1 for each in shown]
        lines = axes.contour(xs, ys, grid, levels=shown, colors=colors, linewidths=widths)
        axes.clabel(lines, fmt=lambda value: f"{value:g}x", fontsize=11)
    handles = _draw_points(axes, points)
    axes.set_xlim(_LEAST_MS, _MOST_MS)
    style.ticks(axes.xaxis, style.log_values(_LEAST_MS, _MOST_MS))
    axes.set(xlabel="ms that a hit avoids (log)", ylabel="hit ratio")
    canvas.legend(list(handles.values()), list(handles), loc="outside lower left", ncols=1)


def _draw_points(axes: Axes, points: Sequence[MeasuredRow]) -> Mapping[str, Any]:
    """Draw the points, numbers on those that claims are judged at; return what names them."""
    handles: dict[str, Any] = {}
    named = [point for point in points if point.role == "claim"]
    for number, point in enumerate(named, start=1):
        dot, digit = (_mark(axes, [point], *look) for look in (("o", 13), (f"${number}$", 7)))
        digit.set_markerfacecolor(style.ON_LIGHT)
        handles[point.name] = (dot, digit)  # one on top of the other
    for role, (label, marker) in _OTHERS.items():
        if own := [point for point in points if point.role == role]:
            handles[label] = _mark(axes, own, marker, 5.5)
            handles[label].set_zorder(_BEHIND)
    return handles


def _mark(axes: Axes, points: Sequence[MeasuredRow], marker: str, size: float) -> Line2D:
    return axes.plot(
        [point.database_ms for point in points],
        [point.hit_ratio for point in points],
        marker=marker,
        linestyle="none",
        color=style.ON_DARK,
        markeredgecolor=style.ON_LIGHT,
        markersize=size,
    )[0]


def _listed(points: Sequence[MeasuredRow]) -> str:
    said = [
        f"{point.name}: {significant(point.database_ms)} ms, hit ratio {point.hit_ratio:.2f}, "
        f"{times(point.speedup)}"
        for point in points
    ]
    return f"Measured: {'; '.join(said)}."
