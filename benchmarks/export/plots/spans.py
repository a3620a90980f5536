"""Where the time of a request goes, by what the cache did."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.export.figure import Figure
from benchmarks.export.figures import ms
from benchmarks.export.page import Entry, Table
from benchmarks.export.plots import panels, style
from benchmarks.export.plots.rows import cells, claimed
from benchmarks.export.results import Results

_PARTS = {
    "database_ms": ("database", "vermilion"),
    "cache_ms": ("Redis", "blue"),
    "app_ms": ("service", "green"),
    "outside_ms": ("network and client", "gray"),
}
_COLUMNS = ("variant", "outcome", *_PARTS, "total_ms", "requests")


def make(results: Results) -> Figure | None:
    """Draw the parts of a request of the session with the database as it is."""
    rows = [row for row in claimed(results, "spans", "session") if row["regime"] == "native"]
    rows = [row for row in rows if row["database_ms"] is not None]
    if not rows:
        return None
    title = "Where the time goes"
    return Figure(
        name="spans",
        title=title,
        caption=(
            "Mean time of one read with the database as it is, in the parts that the service "
            "reports (Server-Timing) and the rest that only the client sees. What is neither "
            "database nor Redis bounds what any cache can bring."
        ),
        alt=_alt(rows),
        table=Table(_COLUMNS, [cells(row, _COLUMNS) for row in rows]),
        svg=panels.stacked(
            [rows], partial(_draw), title=title, names=list(_PARTS), panel=70 + 34 * len(rows)
        ),
    )


def _draw(axes: Axes, rows: Sequence[Entry]) -> None:
    names = [f"{row['variant']}\n{row['outcome']}" for row in rows]
    left = [0.0] * len(rows)
    for part, (label, tone) in _PARTS.items():
        widths = [row[part] or 0.0 for row in rows]
        axes.barh(
            range(len(rows)),
            widths,
            left=left,
            color=style.TONES[tone].light,
            label=label,
            height=0.6,
        )
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for place, (row, end) in enumerate(zip(rows, left, strict=True)):
        text = f" {ms(row['total_ms'])}"
        axes.annotate(text, (end, place), va="center", color=style.INK, annotation_clip=False)
    axes.set_xlim(0, max(left) * 1.15)
    style.ticks(axes.yaxis, range(len(rows)), names)
    axes.invert_yaxis()
    axes.set_xlabel("ms")


def _alt(rows: Sequence[Entry]) -> str:
    said = [
        f"{row['variant']} {row['outcome']}: "
        + ", ".join(f"{label} {ms(row[part])}" for part, (label, _) in _PARTS.items())
        + f", together {ms(row['total_ms'])} ms"
        for row in rows
    ]
    return f"{'; '.join(said)}."
