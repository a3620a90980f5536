"""What each variant can carry: response time against the rate of arrivals, and of connections."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.export.figure import Figure
from benchmarks.export.page import Entry, Table
from benchmarks.export.plots import panels, style
from benchmarks.export.plots.rows import variants_of
from benchmarks.export.results import Results

_US_PER_MS = 1000


def make(results: Results) -> Figure | None:
    """Draw p50 and p99 of the response time at each rate that a variant stood."""
    found = results.get("open_loop") or {"rungs": ()}
    rungs = [rung for rung in found["rungs"] if rung["figures"]]
    if not rungs:
        return None
    title = "Response time against load"
    highest = {name: rate for name, rate in found["highest_stable"].items() if rate}
    draw = partial(_draw, rungs=rungs, looks=style.looks(results), highest=highest)
    return Figure(
        name="rates",
        title=title,
        caption=(
            "Arrivals at random on a schedule that waits for nobody, warm reads, response time "
            "from the moment a request was meant to start. Curves end at the last rate that the "
            "variant stood; beyond it the queue only grows, which is unstable, not slow, and is "
            "given no time. Vertical lines: the highest stable rate."
        ),
        alt="; ".join(f"{name} stands {rate:g} per second" for name, rate in highest.items()) + ".",
        table=Table(
            ("variant", "rate per s", "stability", "p50 ms", "p99 ms", "reason"),
            [_row(rung) for rung in found["rungs"]],
        ),
        svg=panels.stacked(["p50_us", "p99_us"], draw, title=title, names=len(variants_of(rungs))),
    )


def _row(rung: Entry) -> list[str]:
    figures = rung["figures"]
    times = [f"{figures[name] / _US_PER_MS:g}" if figures else "" for name in ("p50_us", "p99_us")]
    return [rung["variant"], f"{rung['rate']:g}", rung["stability"], *times, rung["reason"]]


def _draw(
    axes: Axes,
    field: str,
    *,
    rungs: Sequence[Entry],
    looks: dict[str, style.Look],
    highest: dict[str, float],
) -> None:
    values = [rung["figures"][field] / _US_PER_MS for rung in rungs]
    for variant in variants_of(rungs):
        look = looks[variant]
        own = sorted((r for r in rungs if r["variant"] == variant), key=lambda r: r["rate"])
        axes.plot(
            [rung["rate"] for rung in own],
            [rung["figures"][field] / _US_PER_MS for rung in own],
            color=look.color,
            marker=look.marker,
            linestyle=look.line,
            label=variant,
        )
        if variant in highest:
            axes.axvline(highest[variant], color=look.color, linewidth=0.8, linestyle=(0, (3, 2)))
    panels.log_axis(axes, min(values), max(values))
    rates = [rung["rate"] for rung in rungs]
    panels.log_axis(axes, min(rates), max(rates), vertical=False)
    axes.set_xlabel("arrivals per second (log)")
    axes.set_ylabel("ms (log)")
    style.heading(axes, f"{field.removesuffix('_us')} of the response time")
