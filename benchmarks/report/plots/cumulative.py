"""Speedup against the number of reads from a cold cache."""

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.quantities.series import CumulativeRow
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import significant, times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import (
    caching,
    cells,
    claimed,
    claimed_ratios,
    of_services,
    of_session,
    regimes_of,
    variants_of,
)

_COLUMNS = ("regime", "variant", "reads", "speedup", "low", "high", "from")
_BOUND = "n"
_WIDEST = 8
"""Reads across a panel; with more, what is set apart would seem to be at another n."""


def make(results: Results) -> Figure | None:
    """Draw S(n) as measured, what the model says of more reads, and the bound S(n) < n."""
    rows = of_services(results, of_session(claimed(results, results.series.cumulative)))
    if not rows:
        return None
    variants = variants_of(rows)
    predicted = [row for row in _predicted(results, rows) if row.variant in variants]
    bounded, levels = bool(caching(results) & {*variants}), claimed_ratios(results)
    draw = partial(
        _draw,
        rows=rows,
        styles=style.series_styles(results),
        predicted=predicted,
        levels=levels,
        bounded=bounded,
    )
    return panels.figure(
        regimes_of(rows),
        draw,
        name="cumulative",
        title="Speedup after n reads, S(n)",
        caption=_caption(levels, bounded=bounded, predicted=bool(predicted)),
        alt=_alt(rows),
        table=Table(
            _COLUMNS,
            [
                [*cells(row, _COLUMNS[:-1]), source]
                for source, each in (("measurement", rows), ("model", predicted))
                for row in each
            ],
        ),
        names=[*variants, *([_BOUND] if bounded else [])],
    )


def _caption(levels: Sequence[float], *, bounded: bool, predicted: bool) -> str:
    what = (
        "The speedup of the first n reads of a session together, with 90 % intervals; variants are "
        "set a little apart."
    )
    said = [what]
    if bounded:
        said.append(
            "The dotted line is n itself. The first read is a miss, so a cache stays below that "
            "line as long as a miss costs no less than a read without a cache: five reads are then "
            "never five times as fast."
        )
    if levels:
        claims = " and ".join(f"{significant(value)}x" for value in levels)
        said.append(f"The dashed lines are the claimed {claims}.")
    if predicted:
        said.append("The thin line is the cost model fitted to this run.")
    return " ".join(said)


def _predicted(results: Results, rows: Sequence[CumulativeRow]) -> list[CumulativeRow]:
    """Return S(n) of the models, each in the regime that it was fitted in."""
    return [
        CumulativeRow(
            scenario=entry.fit.source.scenario,
            regime=entry.fit.source.regime,
            variant=entry.variant,
            reads=int(reads),
            speedup=entry.speedup_by_reads[reads],
            low=None,
            high=None,
        )
        for entry in results.models
        if entry.fit.source.regime in regimes_of(rows)
        for reads in sorted(entry.speedup_by_reads, key=int)
    ]


def _draw(
    axes: Axes,
    regime: str,
    *,
    rows: Sequence[CumulativeRow],
    styles: Mapping[str, style.SeriesStyle],
    predicted: Sequence[CumulativeRow],
    levels: Sequence[float],
    bounded: bool,
) -> None:
    own = [row for row in rows if row.regime == regime]
    further = [row for row in predicted if row.regime == regime]
    last = max(row.reads for row in [*own, *further])
    panels.dashed(axes, levels)
    for variant in variants_of(further):
        predicted = [row for row in further if row.variant == variant]
        xs, ys = [row.reads for row in predicted], [row.speedup for row in predicted]
        axes.plot(xs, ys, color=styles[variant].color, linewidth=0.8)
    room = min(last, _WIDEST)
    panels.curves_apart(
        axes, own, variants_of(rows), styles, at=lambda row, aside: row.reads + aside * room
    )
    if bounded:
        axes.plot([1, last], [1, last], color=style.MUTED, linestyle=":", label=_BOUND, zorder=1)
    highest = [row.high or row.speedup for row in [*own, *further]]
    axes.set_ylim(0, 1.07 * max(*highest, *levels, 1))
    panels.count_ticks(axes, last)
    axes.grid(visible=True, axis="y")
    axes.set(xlabel="reads n", ylabel="times as fast")
    style.heading(axes, regime)


def _alt(rows: Sequence[CumulativeRow]) -> str:
    most = max(row.reads for row in rows)
    said = (
        f"{row.regime}, {row.variant}: S({most}) = {times(row.speedup)}"
        for row in rows
        if row.reads == most
    )
    return f"{'; '.join(said)}."
