"""Where a cache pays: speedup against hit ratio, and the map of hit ratio and database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.export.figure import Figure
from benchmarks.export.figures import times
from benchmarks.export.page import Entry, Table
from benchmarks.export.plots import panels, style
from benchmarks.export.results import Results
from benchmarks.model.break_even import speedup_at
from benchmarks.model.cost import CostModel

_DATABASES_MS = (1.0, 10.0, 100.0)
_CONTOURS = (1, 2, 5, 10, 20)
_LEAST_MS, _MOST_MS, _STEPS = 0.2, 200.0, 60


@dataclass(frozen=True, slots=True)
class Measured:
    """A place on the map: what a hit avoids there, how many reads hit, how fast it was."""

    where: str
    database_ms: float
    hit_ratio: float
    speedup: float


def make(results: Results) -> Figure | None:
    """Draw S(h) for several databases with what was measured on it."""
    entry = _first(results)
    if entry is None:
        return None
    title = "Where a cache pays"
    fit, points = entry["fit"], list(measured(results, entry))
    model = CostModel(**fit["model"])
    own = model.database_ms
    curves = sorted({own, *_DATABASES_MS})
    rows = [
        [f"{database_ms:g}", f"{share:g}", f"{_speedup(model, database_ms, share):g}"]
        for database_ms in curves
        for share in np.linspace(0, 1, 11).tolist()
    ]
    return Figure(
        name="break-even",
        title=title,
        caption=(
            "Reads, by the part of them that hits: the cost model fitted to this run, for its own "
            "database and for others of which a hit avoids 1, 10 and 100 ms. Points: what was "
            "measured. Below 1 the cache costs time. Most of the gain comes with the last hits: "
            "a cache that misses one read in five gives away most of what it could bring."
        ),
        alt=_alt(model, entry),
        table=Table(("database ms avoided", "hit ratio", "speedup"), rows),
        svg=panels.stacked(
            [curves],
            partial(_draw, model=model, own=own, points=points),
            title=title,
            names=["x"] * (len(curves) + 1),
            panel=260,
        ),
    )


def make_map(results: Results) -> Figure | None:
    """Draw S(h, d) as a map with its contours, and where this run is on it."""
    entry = _first(results)
    if entry is None:
        return None
    title = "The map: hit ratio and database latency"
    model, points = CostModel(**entry["fit"]["model"]), list(measured(results, entry))
    return Figure(
        name="map",
        title=title,
        caption=(
            "How many times as fast reads are with the cache, foreseen by the cost model for every "
            "hit ratio and every database: right of the line of 5 the promise holds, below that of "
            "1 the cache loses. Points: what was measured in this run, you are here. Move up by a "
            "longer TTL or fewer writes, right by a slower database."
        ),
        alt=f"Contours of {', '.join(map(str, _CONTOURS))} times. {_listed(points)}",
        table=Table(
            ("measured in", "database ms avoided", "hit ratio", "measured", "foreseen"),
            [
                [
                    point.where,
                    f"{point.database_ms:g}",
                    f"{point.hit_ratio:g}",
                    f"{point.speedup:g}",
                    f"{_speedup(model, point.database_ms, point.hit_ratio):g}",
                ]
                for point in points
            ],
        ),
        svg=style.to_svg(partial(_draw_map, model=model, points=points), title=title, height=360),
    )


def measured(results: Results, entry: Entry) -> Iterator[Measured]:
    """Yield the measured places of a model's variant: its sessions and its mixes of reads."""
    variant, work_ms = entry["variant"], entry["fit"]["work_ms"]
    waits = {
        (each["scenario"], each["regime"]): each["database_ms"] for each in results["summaries"]
    }
    far = {each["name"] for each in results["regimes"] if each["redis_delay_ms"] is not None}
    for each in results["summaries"]:
        if each["kind"] == "mix" or each["scenario"] != entry["fit"]["source"]["scenario"]:
            continue
        ratio = next((one for one in each["ratios"] if one["variant"] == variant), None)
        own = next(one for one in each["variants"] if one["variant"] == variant)
        if ratio and each["database_ms"] and each["regime"] not in far:
            avoided = each["database_ms"] + work_ms
            yield Measured(each["regime"], avoided, own["hit_ratio"], ratio["ratio"])
    for mix in results.get("workloads", ()):
        wait = waits.get((mix["scenario"], mix["regime"]))
        if mix["variant"] == variant and mix["reads_speedup"] and wait:
            speedup = mix["reads_speedup"]["centre"]
            yield Measured(mix["scenario"], wait + work_ms, mix["hit_ratio"], speedup)


def _first(results: Results) -> Mapping[str, Any] | None:
    return next(iter(results.get("models", ())), None)


def _speedup(model: CostModel, database_ms: float, hit_ratio: float) -> float:
    return speedup_at(_with(model, database_ms), hit_ratio)


def _with(model: CostModel, database_ms: float) -> CostModel:
    return CostModel(
        app_ms=model.app_ms,
        database_ms=database_ms,
        hit_ms=model.hit_ms,
        miss_ms=model.miss_ms,
        invalidation_ms=model.invalidation_ms,
    )


def _draw(
    axes: Axes,
    curves: Sequence[float],
    *,
    model: CostModel,
    own: float,
    points: Sequence[Measured],
) -> None:
    shares = np.linspace(0, 1, 101).tolist()
    tones = ("sky", "green", "orange", "purple", "vermilion")
    lines = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (6, 1, 1, 1)), "--")
    ends = [1.0]
    for database_ms, tone, line in zip(curves, tones, lines, strict=False):
        ys = [_speedup(model, database_ms, share) for share in shares]
        ends += [min(ys), max(ys)]
        mark = "this database" if database_ms == own else "database"
        axes.plot(
            shares,
            ys,
            color=style.TONES[tone].light,
            linestyle=line,
            label=f"{mark}, {database_ms:.3g} ms",
            linewidth=2.4 if database_ms == own else 1.4,
        )
    axes.plot(
        [point.hit_ratio for point in points],
        [point.speedup for point in points],
        "o",
        color=style.INK,
        markersize=4,
        label="measured",
    )
    for value in (1, 5):
        axes.axhline(value, color=style.EDGE, linewidth=1, linestyle=(0, (3, 2)))
    panels.log_axis(axes, min(ends), max(*ends, *(point.speedup for point in points), 5))
    axes.set_xlim(0, 1)
    axes.set_xlabel("hit ratio")
    axes.set_ylabel("times as fast (log)")


def _draw_map(canvas: Canvas, *, model: CostModel, points: Sequence[Measured]) -> None:
    axes = canvas.subplots()
    xs, ys = np.geomspace(_LEAST_MS, _MOST_MS, _STEPS), np.linspace(0, 1, _STEPS)
    grid = np.array([[_speedup(model, x, y) for x in xs.tolist()] for y in ys.tolist()])
    axes.set_xscale("log")
    filled = axes.contourf(
        xs,
        ys,
        np.log(grid),
        levels=np.linspace(-0.3, np.log(40), 24),
        cmap=style.COLOR_MAP,
        extend="both",
    )
    filled.set_rasterized(False)
    lines = axes.contour(
        xs, ys, grid, levels=_CONTOURS, colors=style.ON_DARK, linewidths=[1, 1, 2.4, 1, 1]
    )
    axes.clabel(lines, fmt=lambda value: f"{value:g}x", fontsize=11, colors=style.ON_DARK)
    axes.plot(
        [point.database_ms for point in points],
        [point.hit_ratio for point in points],
        "o",
        color=style.ON_DARK,
        markeredgecolor=style.ON_LIGHT,
        markersize=6,
        linestyle="none",
        label="measured here",
    )
    axes.set_xlim(_LEAST_MS, _MOST_MS)
    style.ticks(axes.xaxis, style.log_values(_LEAST_MS, _MOST_MS))
    axes.set_xlabel("ms that a hit avoids (log)")
    axes.set_ylabel("hit ratio")
    style.legend(canvas, axes)


def _alt(model: CostModel, entry: Entry) -> str:
    least = entry["break_even_hit_ratio"]
    pays = "it never pays" if least is None else f"it pays from a hit ratio of {least:.2f} on"
    best = times(_speedup(model, model.database_ms, 1))
    return f"With this run's database {pays} and reaches {best} when every read hits."


def _listed(points: Sequence[Measured]) -> str:
    said = [
        f"{point.where}: {point.database_ms:.3g} ms, hit ratio {point.hit_ratio:.2f}, "
        f"{times(point.speedup)}"
        for point in points
    ]
    return f"Measured: {'; '.join(said)}."
