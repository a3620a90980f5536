"""How many times as fast a session is: by its number of reads, and by the distance of Redis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.claims.claim import SESSION
from benchmarks.analysis.quantities.series import CumulativeRow
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import significant, times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import (
    cells,
    claimed,
    claimed_ratios,
    of_session,
    unique,
)

_BY_READS = ("regime", "variant", "reads", "speedup", "low", "high", "from")
_BY_DISTANCE = ("regime", "variant", "redis_ms", "speedup", "low", "high")
_BOUND = "n"
_WIDEST = 8
"""Reads across a panel; with more, what is set apart would seem to be at another n."""
_LEAST = 3
"""Fewer points are no curve."""
_APART = 0.014
"""The distance between curves that share their x, as a part of the panel's width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpeedup:
    """The speedup of the session while each round trip to Redis takes ``redis_ms`` longer."""

    regime: str
    variant: str
    redis_ms: float
    speedup: float
    low: float | None
    high: float | None


def make_by_reads(results: Results) -> Figure | None:
    """Draw S(n) as measured, what the model says of more reads, and the bound S(n) < n."""
    rows = [
        row
        for row in of_session(claimed(results, results.series.cumulative))
        if row.variant not in results.ceilings
    ]
    if not rows:
        return None
    variants, regimes = unique(row.variant for row in rows), unique(row.regime for row in rows)
    predicted = [row for row in _predicted(results, regimes) if row.variant in variants]
    bounded, levels = bool(results.caching & {*variants}), claimed_ratios(results)
    draw = partial(
        _draw_by_reads,
        rows=rows,
        styles=style.series_styles(results),
        predicted=predicted,
        levels=levels,
        bounded=bounded,
    )
    return panels.figure(
        regimes,
        draw,
        name="cumulative",
        title="Speedup after n reads, S(n)",
        caption=_caption(levels, bounded=bounded, predicted=bool(predicted)),
        alt=_alt(rows),
        table=Table(
            _BY_READS,
            [
                [*cells(row, _BY_READS[:-1]), source]
                for source, each in (("measurement", rows), ("model", predicted))
                for row in each
            ],
        ),
        names=[*variants, *([_BOUND] if bounded else [])],
    )


def make_by_distance(results: Results) -> Figure | None:
    """Draw the session's speedup against the delay of a round trip to Redis."""
    rows = sorted(_by_distance(results), key=lambda row: row.redis_ms)
    if len({row.redis_ms for row in rows}) < _LEAST:
        return None
    variants = unique(row.variant for row in rows)
    return panels.figure(
        [rows],
        partial(_draw_by_distance, variants=variants, styles=style.series_styles(results)),
        name="redis-sweep",
        title="Speedup by the distance to Redis",
        caption=(
            "The speedup of a session from a cold cache, with Redis behind a proxy that adds time "
            "to each round trip; at 0 the proxy alone already adds a hop. Below the dashed 1 the "
            "cache loses. Intervals are at 90 %; variants are set a little apart."
        ),
        alt=f"{'; '.join(_ends(rows, variant) for variant in variants)}.",
        table=Table(_BY_DISTANCE, [cells(row, _BY_DISTANCE) for row in rows]),
        names=variants,
        panel=230,
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


def _predicted(results: Results, regimes: Sequence[str]) -> list[CumulativeRow]:
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
        if entry.fit.source.regime in regimes
        for reads in sorted(entry.speedup_by_reads, key=int)
    ]


def _by_distance(results: Results) -> list[SessionSpeedup]:
    added_ms = {each.name: each.redis_delay_ms for each in results.regimes}
    return [
        SessionSpeedup(
            regime=summary.regime,
            variant=ratio.variant,
            redis_ms=redis_ms,
            speedup=ratio.ratio,
            low=ratio.shown.low if ratio.shown else None,
            high=ratio.shown.high if ratio.shown else None,
        )
        for summary in results.summaries
        if summary.scenario == SESSION and (redis_ms := added_ms[summary.regime]) is not None
        for ratio in summary.ratios
        if ratio.variant not in results.ceilings
    ]


def _draw_by_reads(
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
    for variant in unique(row.variant for row in further):
        points = [(row.reads, row.speedup) for row in further if row.variant == variant]
        axes.plot(*zip(*points, strict=True), color=styles[variant].color, linewidth=0.8)
    xs, variants = [row.reads for row in own], unique(row.variant for row in rows)
    _draw_curves(axes, own, xs, variants, styles, width=min(last, _WIDEST))
    if bounded:
        axes.plot([1, last], [1, last], color=style.MUTED, linestyle=":", label=_BOUND, zorder=1)
    highest = [row.high or row.speedup for row in [*own, *further]]
    axes.set_ylim(0, 1.07 * max(*highest, *levels, 1))
    panels.count_ticks(axes, last)
    axes.grid(visible=True, axis="y")
    axes.set(xlabel="reads n", ylabel="times as fast")
    style.heading(axes, regime)


def _draw_by_distance(
    axes: Axes,
    rows: Sequence[SessionSpeedup],
    *,
    variants: Sequence[str],
    styles: Mapping[str, style.SeriesStyle],
) -> None:
    panels.dashed(axes, (1,))
    xs = [row.redis_ms for row in rows]
    _draw_curves(axes, rows, xs, variants, styles, width=xs[-1])
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
    axes.set(xlabel="ms added to a round trip to Redis", ylabel="times as fast")


def _draw_curves(
    axes: Axes,
    rows: Sequence[CumulativeRow | SessionSpeedup],
    xs: Sequence[float],
    variants: Sequence[str],
    styles: Mapping[str, style.SeriesStyle],
    *,
    width: float,
) -> None:
    """Draw each variant's speedups with their intervals, moved aside, so that none hides another.

    The ``width`` is that of the panel.
    """
    for place, variant in enumerate(variants):
        aside = _APART * (place - (len(variants) - 1) / 2) * width
        moved = [
            (x + aside, row) for x, row in zip(xs, rows, strict=True) if row.variant == variant
        ]
        for x, row in moved:
            if row.low is not None and row.high is not None:
                axes.plot([x, x], [row.low, row.high], color=styles[variant].color)
        panels.curve(axes, [(x, row.speedup) for x, row in moved], styles[variant], name=variant)


def _alt(rows: Sequence[CumulativeRow]) -> str:
    most = max(row.reads for row in rows)
    said = (
        f"{row.regime}, {row.variant}: S({most}) = {times(row.speedup)}"
        for row in rows
        if row.reads == most
    )
    return f"{'; '.join(said)}."


def _ends(rows: Sequence[SessionSpeedup], variant: str) -> str:
    own = [row for row in rows if row.variant == variant]
    first, last = (
        f"{times(row.speedup)} at {significant(row.redis_ms)} ms" for row in (own[0], own[-1])
    )
    return f"{variant}: {first}, {last}"
