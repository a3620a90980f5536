"""Speedup against the distance of Redis."""

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import significant, times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import SessionSpeedup, cells, session_speedups, variants_of

_LEAST = 3
"""Fewer points are no curve."""
_COLUMNS = ("regime", "variant", "redis_ms", "speedup", "low", "high")


def make(results: Results) -> Figure | None:
    """Draw the session's speedup against the delay of a round trip to Redis."""
    rows = sorted(session_speedups(results), key=lambda row: row.redis_ms)
    if len({row.redis_ms for row in rows}) < _LEAST:
        return None
    return panels.figure(
        [rows],
        partial(_draw, styles=style.series_styles(results)),
        name="redis-sweep",
        title="Speedup by the distance to Redis",
        caption=(
            "The speedup of a session from a cold cache, with Redis behind a proxy that adds time "
            "to each round trip; at 0 the proxy alone already adds a hop. Below the dashed 1 the "
            "cache loses. Intervals are at 90 %; variants are set a little apart."
        ),
        alt=f"{'; '.join(_ends(rows, variant) for variant in variants_of(rows))}.",
        table=Table(_COLUMNS, [cells(row, _COLUMNS) for row in rows]),
        names=variants_of(rows),
        panel=230,
    )


def _draw(
    axes: Axes, rows: Sequence[SessionSpeedup], *, styles: Mapping[str, style.SeriesStyle]
) -> None:
    farthest = rows[-1].redis_ms
    panels.dashed(axes, (1,))
    panels.curves_apart(
        axes,
        rows,
        variants_of(rows),
        styles,
        at=lambda row, aside: row.redis_ms + aside * farthest,
    )
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
    axes.set(xlabel="ms added to a round trip to Redis", ylabel="times as fast")


def _ends(rows: Sequence[SessionSpeedup], variant: str) -> str:
    own = [row for row in rows if row.variant == variant]
    first, last = (
        f"{times(row.speedup)} at {significant(row.redis_ms)} ms" for row in (own[0], own[-1])
    )
    return f"{variant}: {first}, {last}"
