"""What a slower database, or a farther Redis, does to the speedup."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.export.figure import Figure
from benchmarks.export.figures import bounds, times
from benchmarks.export.page import Entry, Table
from benchmarks.export.plots import panels, style
from benchmarks.export.plots.rows import variants_of
from benchmarks.export.results import Results

_LEAST = 3


def make_database(results: Results) -> Figure | None:
    """Draw the session's speedup against the measured time of the database."""
    return _figure(
        results,
        [row for row in _rows(results) if not row["far"]],
        name="database-sweep",
        title="The slower the database, the more a cache brings",
        x=("database_ms", "database ms per uncached read (log)"),
        caption=(
            "Five reads from a cold cache, by how long an uncached read waited for the database, "
            "as the service measured it. The curve bends toward 5 and never reaches it."
        ),
    )


def make_redis(results: Results) -> Figure | None:
    """Draw the session's speedup against the delay of a round trip to Redis."""
    return _figure(
        results,
        [row for row in _rows(results) if row["far"]],
        name="redis-sweep",
        title="The farther Redis, the less it brings",
        x=("redis_ms", "ms added to a round trip to Redis"),
        caption=(
            "Five reads from a cold cache with the database as it is, and Redis behind a proxy "
            "that adds time to each round trip; the proxy alone, at 0, already costs a hop. Below "
            "1 the cache loses: a Redis in another zone in front of a database next door."
        ),
    )


def _rows(results: Results) -> list[Entry]:
    regimes = {entry["name"]: entry for entry in results["regimes"]}
    return [
        {
            "regime": summary["regime"],
            "variant": ratio["variant"],
            "database_ms": summary["database_ms"],
            "redis_ms": regimes[summary["regime"]]["redis_delay_ms"],
            "far": regimes[summary["regime"]]["redis_delay_ms"] is not None,
            "speedup": ratio["ratio"],
            "shown": ratio["shown"],
        }
        for summary in results["summaries"]
        if summary["scenario"] == "session"
        for ratio in summary["ratios"]
    ]


def _figure(
    results: Results,
    rows: Sequence[Entry],
    *,
    name: str,
    title: str,
    x: tuple[str, str],
    caption: str,
) -> Figure | None:
    field, label = x
    known = sorted((row for row in rows if row[field] is not None), key=lambda row: row[field])
    if len({row["regime"] for row in known}) < _LEAST:
        return None
    draw = partial(_draw, field=field, label=label, looks=style.looks(results))
    return Figure(
        name=name,
        title=title,
        caption=caption + " Intervals are at 95 %.",
        alt="; ".join(
            f"{row['variant']} at {row[field]:.3g} ms: {times(row['speedup'])}" for row in known
        )
        + ".",
        table=Table(
            ("regime", "variant", field.replace("_", " "), "speedup", "95 %"),
            [
                [
                    row["regime"],
                    row["variant"],
                    f"{row[field]:g}",
                    f"{row['speedup']:g}",
                    bounds(row["shown"]),
                ]
                for row in known
            ],
        ),
        svg=panels.stacked([known], draw, title=title, names=list(variants_of(known)), panel=230),
    )


def _draw(
    axes: Axes, rows: Sequence[Entry], *, field: str, label: str, looks: dict[str, style.Look]
) -> None:
    for variant in variants_of(rows):
        look, points = looks[variant], [row for row in rows if row["variant"] == variant]
        known = [row for row in points if row["shown"]]
        axes.vlines(
            [row[field] for row in known],
            [row["shown"]["low"] for row in known],
            [row["shown"]["high"] for row in known],
            color=look.color,
        )
        axes.plot(
            [row[field] for row in points],
            [row["speedup"] for row in points],
            color=look.color,
            marker=look.marker,
            linestyle=look.line,
            label=variant,
        )
    for value in (1, 5):
        axes.axhline(value, color=style.EDGE, linewidth=1, linestyle=(0, (3, 2)))
    if field == "database_ms":
        xs = [row[field] for row in rows]
        panels.log_axis(axes, min(xs), max(xs), vertical=False)
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
    axes.set_xlabel(label)
    axes.set_ylabel("times as fast")
