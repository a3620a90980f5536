"""The figure of a load sweep: the same results give the same bytes."""

from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.quantities.capacity import SweepPoint
from benchmarks.report.capacity import SweepResults, caption
from benchmarks.report.figure import Figure
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style

_TITLE = "Capacity against connections"
_PANEL = 260.0


def make(results: SweepResults) -> Figure:
    """Draw requests per second against connections, for every variant."""
    # The legend names the lines in the order in which they end, from above.
    names = sorted(results.options.variants, key=lambda name: -_last_rate(results, name))
    return Figure(
        name="capacity",
        title="Figure",
        caption=caption(results),
        alt=caption(results),
        table=Table(
            ("variant", "connections", "requests_per_s"),
            [
                [level.variant, str(level.connections), f"{rate:.6g}"]
                for level in results.points
                for rate in level.rates
            ],
        ),
        svg=panels.stacked(
            [names], partial(_draw, results=results), title=_TITLE, names=names, panel=_PANEL
        ),
    )


def _draw(axes: Axes, names: list[str], *, results: SweepResults) -> None:
    styles, connections = style.series_styles(results), results.options.connections
    for name in names:
        levels, series_style = _levels(results, name), styles[name]
        means = [(level.connections, level.rate) for level in levels]
        panels.curve(axes, means, series_style, name=name)
        rounds = [(level.connections, rate) for level in levels for rate in level.rates]
        xs, ys = zip(*rounds, strict=True) if rounds else ((), ())
        axes.plot(xs, ys, ".", color=series_style.color, markersize=3, alpha=0.6)
    axes.set_xscale("log", base=2)
    style.ticks(axes.xaxis, connections)
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
    axes.set_xlabel("connections (log2)")
    axes.set_ylabel("requests per second")


def _levels(results: SweepResults, variant: str) -> list[SweepPoint]:
    return [level for level in results.points if level.variant == variant]


def _last_rate(results: SweepResults, variant: str) -> float:
    return max((level.rate for level in _levels(results, variant)[-1:]), default=0.0)
