"""Speedup against the delay of the database, or the distance of Redis."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.claims.claim import SESSION
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import significant, times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import (
    SessionSpeedup,
    cells,
    regimes_of,
    session_speedups,
    variants_of,
)

_LEAST = 3
"""Fewer points are no curve."""


def make_database(results: Results) -> Figure | None:
    """Draw the session's speedup against the measured time of the database."""
    rows = [row for row in session_speedups(results) if row.redis_ms is None]
    reads = next((each.reads for each in results.summaries if each.scenario == SESSION), 0)
    return _figure(
        results,
        rows,
        name="database-sweep",
        title="Speedup by the speed of the database",
        x=("database_ms", "database ms per uncached read (log)"),
        caption=(
            "The speedup of a session from a cold cache, by the time that an uncached read waits "
            "for the database, as the service measured it. The dashed lines are 1 and "
            f"{reads}, the number of reads: the first read is a miss, so the speedup stays below "
            "that number as long as a miss costs no less than a read without a cache."
        ),
        levels=(1, reads),
    )


def make_redis(results: Results) -> Figure | None:
    """Draw the session's speedup against the delay of a round trip to Redis."""
    return _figure(
        results,
        [row for row in session_speedups(results) if row.redis_ms is not None],
        name="redis-sweep",
        title="Speedup by the distance to Redis",
        x=("redis_ms", "ms added to a round trip to Redis"),
        caption=(
            "The speedup of a session from a cold cache, with Redis behind a proxy that adds time "
            "to each round trip; at 0 the proxy alone already adds a hop. Below the dashed 1 the "
            "cache loses."
        ),
        levels=(1,),
    )


def _figure(
    results: Results,
    rows: Sequence[SessionSpeedup],
    *,
    name: str,
    title: str,
    x: tuple[str, str],
    caption: str,
    levels: Sequence[float],
) -> Figure | None:
    field, label = x
    known = sorted(
        (row for row in rows if getattr(row, field) is not None),
        key=lambda row: getattr(row, field),
    )
    if len(regimes_of(known)) < _LEAST:
        return None
    columns = ("regime", "variant", field, "speedup", "low", "high")
    aside = "; variants are set a little apart" if len(variants_of(known)) > 1 else ""
    draw = partial(
        _draw, field=field, label=label, styles=style.series_styles(results), levels=levels
    )
    return panels.figure(
        [known],
        draw,
        name=name,
        title=title,
        caption=f"{caption} Intervals are at 95 %{aside}.",
        alt=f"{'; '.join(_ends(known, field))}.",
        table=Table(columns, [cells(row, columns) for row in known]),
        names=variants_of(known),
        panel=230,
    )


def _draw(
    axes: Axes,
    rows: Sequence[SessionSpeedup],
    *,
    field: str,
    label: str,
    styles: Mapping[str, style.SeriesStyle],
    levels: Sequence[float],
) -> None:
    xs = [getattr(row, field) for row in rows]
    logarithmic = field == "database_ms"
    if logarithmic:
        panels.log_axis(axes, min(xs), max(xs), vertical=False)
    panels.dashed(axes, levels)

    def at(row: SessionSpeedup, aside: float) -> float:
        x = float(getattr(row, field))
        return float(x * (max(xs) / min(xs)) ** aside) if logarithmic else x + aside * max(xs)

    panels.curves_apart(axes, rows, variants_of(rows), styles, at=at)
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
    axes.set(xlabel=label, ylabel="times as fast")


def _ends(rows: Sequence[SessionSpeedup], field: str) -> Iterator[str]:
    for variant in variants_of(rows):
        own = [row for row in rows if row.variant == variant]
        first, last = (
            f"{times(row.speedup)} at {significant(getattr(row, field))} ms"
            for row in (own[0], own[-1])
        )
        yield f"{variant}: {first}, {last}"
