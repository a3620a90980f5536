"""Mean, median and tail in one picture: latency by percentile."""

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.quantities.series import PercentileRow
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cells, claimed, unique
from benchmarks.storage.records import NATIVE

_COLUMNS = ("scenario", "regime", "variant", "percentile", "ms")
_TICKS = (50, 80, 90, 95, 99, 99.9)
_SHOWN = ("session", "mostly-reads", "half-writes")


def make(results: Results) -> Figure | None:
    """Draw the percentiles of single requests of the session and of mixes, as they were."""
    rows = [row for row in claimed(results, results.series.percentiles) if row.regime == NATIVE]
    scenarios = unique(row.scenario for row in rows)
    chosen = [name for name in _SHOWN if name in scenarios] or scenarios[:1]
    rows = [row for row in rows if row.scenario in chosen]
    if not rows:
        return None
    variants = unique(row.variant for row in rows)
    draw = partial(_draw, rows=rows, styles=style.series_styles(results))
    return panels.figure(
        chosen,
        draw,
        name="percentiles",
        title="Latency by percentile",
        caption=(
            "The time within which a share of the requests was answered. Both scales are "
            "logarithmic, so the tail has room; curves end where too few requests lie beyond."
            + (
                " With a cache some requests hit and others miss or write, so a curve climbs from "
                "the times of hits to those of misses: a median alone, or a p99 alone, shows one "
                "side only."
                if results.caching & {*variants}
                else ""
            )
        ),
        alt=_alt(rows),
        table=Table(_COLUMNS, [cells(row, _COLUMNS) for row in rows]),
        names=variants,
    )


def _draw(
    axes: Axes,
    scenario: str,
    *,
    rows: Sequence[PercentileRow],
    styles: Mapping[str, style.SeriesStyle],
) -> None:
    own = [row for row in rows if row.scenario == scenario]
    for variant in unique(row.variant for row in rows):
        points = [(_place(row.percentile), row.ms) for row in own if row.variant == variant]
        panels.curve(axes, points, styles[variant], name=variant)
    panels.log_axis(axes, min(row.ms for row in own), max(row.ms for row in own))
    axes.set_xscale("log")
    ticks = [each for each in _TICKS if each <= max(row.percentile for row in own)]
    style.ticks(axes.xaxis, [_place(each) for each in ticks], [f"{each:g}" for each in ticks])
    axes.set(xlabel="percentile", ylabel="ms (log)")
    style.heading(axes, f"{scenario}, {NATIVE}")


def _place(percentile: float) -> float:
    """Return where a percentile is drawn: 1 / (1 - p), as HdrHistogram's plots do."""
    return 1 / (1 - percentile / 100)


def _alt(rows: Sequence[PercentileRow]) -> str:
    said = []
    for scenario in unique(row.scenario for row in rows):
        for variant in unique(row.variant for row in rows):
            own = {
                row.percentile: row.ms
                for row in rows
                if (row.scenario, row.variant) == (scenario, variant)
            }
            parts = [f"p{each:g} {ms(own[each])}" for each in (50, 95, 99) if each in own]
            if parts:
                said.append(f"{scenario}, {variant}: {', '.join(parts)} ms")
    return f"{'; '.join(said)}."
