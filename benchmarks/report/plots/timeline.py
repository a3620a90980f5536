"""The tutorial's own picture: request by request, with and without a cache."""

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.quantities.series import TimelineRow
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import (
    caching,
    cells,
    claimed,
    judged_claims,
    of_session,
    regimes_of,
    variants_of,
)

_COLUMNS = ("regime", "variant", "request", "p25_ms", "p50_ms", "p75_ms", "requests")


def make(results: Results) -> Figure | None:
    """Draw the n-th request of a session, a panel per regime that claims are judged in."""
    rows = of_session(claimed(results, results.series.timeline))
    if not rows:
        return None
    levels = _levels(results)
    draw = partial(_draw, rows=rows, styles=style.series_styles(results), levels=list(levels))
    return panels.figure(
        regimes_of(rows),
        draw,
        name="timeline",
        title="Request by request",
        caption=(
            "The median of each request of a session; the bands hold the middle half. The scale "
            f"is logarithmic.{_dashed(levels)}"
            + (
                " Every session starts from a cold cache, and its first read is timed like the "
                "others."
                if caching(results) & {*variants_of(rows)}
                else ""
            )
        ),
        alt=_alt(rows),
        table=Table(_COLUMNS, [cells(row, _COLUMNS) for row in rows]),
        names=variants_of(rows),
    )


def _levels(results: Results) -> Mapping[float, str]:
    """Return what the tutorial says of single reads, where that was judged."""
    sums, judged = results.arithmetic, judged_claims(results)
    levels = {}
    if "C4a" in judged:
        levels[sums.uncached_ms / sums.reads] = "a read without Redis"
    if "C3" in judged:
        levels[judged["C3"].value] = "a hit"
    return levels


def _dashed(levels: Mapping[float, str]) -> str:
    said = " and ".join(f"{value:g} ms for {what}" for value, what in levels.items())
    return f" Dashed: the tutorial's {said}." if said else ""


def _draw(
    axes: Axes,
    regime: str,
    *,
    rows: Sequence[TimelineRow],
    styles: Mapping[str, style.SeriesStyle],
    levels: Sequence[float],
) -> None:
    own = [row for row in rows if row.regime == regime]
    panels.dashed(axes, levels)
    for variant in variants_of(rows):
        points = [row for row in own if row.variant == variant]
        xs, series_style = [row.request for row in points], styles[variant]
        low, high = [row.p25_ms for row in points], [row.p75_ms for row in points]
        axes.fill_between(xs, low, high, color=series_style.color, alpha=0.15, linewidth=0)
        panels.curve(
            axes, [(row.request, row.p50_ms) for row in points], series_style, name=variant
        )
    ends = [*levels, *(end for row in own for end in (row.p25_ms, row.p75_ms))]
    panels.log_axis(axes, min(ends), max(ends))
    panels.count_ticks(axes, max(row.request for row in own))
    axes.set(xlabel="request of a session", ylabel="ms (log)")
    style.heading(axes, regime)


def _alt(rows: Sequence[TimelineRow]) -> str:
    said = []
    for regime in regimes_of(rows):
        for variant in variants_of(rows):
            place = (regime, variant)
            own = [row for row in rows if (row.regime, row.variant) == place]
            if own:
                said.append(
                    f"{regime}, {variant}: first {ms(own[0].p50_ms)} ms, last "
                    f"{ms(own[-1].p50_ms)} ms"
                )
    return f"Medians of the first and the last request. {'; '.join(said)}."
