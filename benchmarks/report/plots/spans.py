"""The parts of a request's time, by the outcome of the cache."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.quantities.series import SpanRow
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cells, claimed, of_session
from benchmarks.report.tones import TONES
from benchmarks.storage.records import NATIVE

_PARTS = {
    "database_ms": ("database", "vermilion"),
    "cache_ms": ("Redis", "blue"),
    "app_ms": ("service", "green"),
    "outside_ms": ("network and client", "gray"),
}
_HEAD, _ROW = 62, 32


def make(results: Results) -> Figure | None:
    """Draw the parts of a request of the session with the database as it is."""
    rows = [
        row
        for row in of_session(claimed(results, results.series.spans))
        if row.regime == NATIVE and row.database_ms is not None
    ]
    if not rows:
        return None
    parts = [part for part in _PARTS if any(getattr(row, part) for row in rows)]
    columns = ("variant", "outcome", *parts, "total_ms", "requests")
    return panels.figure(
        [rows],
        partial(_draw, parts=parts),
        name="spans",
        title="Where the time goes",
        caption=(
            "Mean time of one request without an injected delay: the parts that the service "
            "reports (Server-Timing), and the rest that only the client sees. The number beside a "
            "bar is the whole. A cache can save no more than the database's part."
        ),
        alt=_alt(rows, parts),
        table=Table(columns, [cells(row, columns) for row in rows]),
        names=[_PARTS[part][0] for part in parts],
        panel=_HEAD + _ROW * len(rows),
    )


def _draw(axes: Axes, rows: Sequence[SpanRow], *, parts: Sequence[str]) -> None:
    left = [0.0] * len(rows)
    for part in parts:
        label, tone = _PARTS[part]
        widths = [getattr(row, part) or 0.0 for row in rows]
        color = TONES[tone].light
        axes.barh(range(len(rows)), widths, left=left, color=color, label=label, height=0.6)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for place, (row, end) in enumerate(zip(rows, left, strict=True)):
        axes.annotate(
            ms(row.total_ms),
            (end, place),
            (4, 0),
            textcoords="offset points",
            va="center",
            color=style.INK,
        )
    # Room for the number behind the longest bar.
    axes.set_xlim(0, max(left) * 1.18)
    names = [f"{row.variant}\n{row.outcome}" for row in rows]
    style.ticks(axes.yaxis, range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel("ms")


def _alt(rows: Sequence[SpanRow], parts: Sequence[str]) -> str:
    said = [
        f"{row.variant} {row.outcome}: "
        + ", ".join(
            f"{_PARTS[part][0]} {ms(value)}" for part in parts if (value := getattr(row, part))
        )
        + f", together {ms(row.total_ms)} ms"
        for row in rows
    ]
    return f"{'; '.join(said)}."
