"""The starting document's own picture: request by request, with and without a cache."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.export.figure import Figure
from benchmarks.export.figures import ms
from benchmarks.export.page import Entry, Table
from benchmarks.export.plots import panels, style
from benchmarks.export.plots.rows import claimed, regimes_of, variants_of
from benchmarks.export.results import Results

_SCENARIO = "session"
_CLAIMED_MS = (50, 1)


def make(results: Results) -> Figure | None:
    """Draw the n-th request of a session, a panel per regime that claims are judged in."""
    rows = claimed(results, "timeline", _SCENARIO)
    if not rows:
        return None
    title = "Request by request"
    regimes, variants = regimes_of(rows), variants_of(rows)
    draw = partial(_draw, rows=rows, looks=style.looks(results))
    return Figure(
        name="timeline",
        title=title,
        caption=(
            "The median of each request of a session from a cold cache; the bands hold the middle "
            "half. The scale is logarithmic. Dashed lines: the 50 ms and 1 ms of the starting "
            "document. The first read of a cached session is a miss and is part of the claim."
        ),
        alt=_alt(rows, regimes, variants),
        table=Table(
            ("regime", "variant", "request", "p25 ms", "p50 ms", "p75 ms", "requests"),
            [
                [
                    row["regime"],
                    row["variant"],
                    str(row["request"]),
                    *(f"{row[name]:g}" for name in ("p25_ms", "p50_ms", "p75_ms")),
                    str(row["requests"]),
                ]
                for row in rows
            ],
        ),
        svg=panels.stacked(regimes, draw, title=title, names=list(variants)),
    )


def _draw(axes: Axes, regime: str, *, rows: Sequence[Entry], looks: dict[str, style.Look]) -> None:
    own = [row for row in rows if row["regime"] == regime]
    for value in _CLAIMED_MS:
        axes.axhline(value, color=style.EDGE, linewidth=1, linestyle=(0, (3, 2)))
    for variant in variants_of(own):
        look, points = looks[variant], [row for row in own if row["variant"] == variant]
        xs = [row["request"] for row in points]
        low, high = [row["p25_ms"] for row in points], [row["p75_ms"] for row in points]
        axes.fill_between(xs, low, high, color=look.color, alpha=0.15, linewidth=0)
        axes.plot(
            xs,
            [row["p50_ms"] for row in points],
            color=look.color,
            marker=look.marker,
            linestyle=look.line,
            label=variant,
        )
    ends = [row[name] for row in own for name in ("p25_ms", "p75_ms")]
    panels.log_axis(axes, min(*ends, *_CLAIMED_MS), max(*ends, *_CLAIMED_MS))
    style.ticks(axes.xaxis, sorted({row["request"] for row in own}))
    axes.set_ylabel("ms (log)")
    axes.set_xlabel("request of a session")
    style.heading(axes, regime)


def _alt(rows: Sequence[Entry], regimes: Sequence[str], variants: Sequence[str]) -> str:
    said = []
    for regime in regimes:
        for variant in variants:
            own = [row for row in rows if (row["regime"], row["variant"]) == (regime, variant)]
            said.append(
                f"{regime}, {variant}: first {ms(own[0]['p50_ms'])} ms, last "
                f"{ms(own[-1]['p50_ms'])} ms"
            )
    return f"Medians of the first and the last request. {'; '.join(said)}."
