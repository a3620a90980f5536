"""Mean, median and tail in one picture: latency by percentile."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.export.figure import Figure
from benchmarks.export.figures import ms
from benchmarks.export.page import Entry, Table
from benchmarks.export.plots import panels, style
from benchmarks.export.plots.rows import cells, claimed, variants_of
from benchmarks.export.results import Results

_COLUMNS = ("scenario", "regime", "variant", "percentile", "ms")
_TICKS = (50, 80, 90, 95, 99, 99.9)
_SHOWN = ("session", "mostly-reads", "half-writes")


def make(results: Results) -> Figure | None:
    """Draw the percentiles of single requests of the session and of mixes, as they were."""
    rows = [
        row
        for row in claimed(results, "percentiles")
        if row["regime"] == "native" and row["scenario"] in _chosen(results)
    ]
    if not rows:
        return None
    title = "Latency by percentile"
    scenarios = list(dict.fromkeys(row["scenario"] for row in rows))
    draw = partial(_draw, rows=rows, looks=style.looks(results))
    return Figure(
        name="percentiles",
        title=title,
        caption=(
            "How long requests took, up to which share of them, with the database as it is; both "
            "scales are logarithmic, so the tail has room. A cached curve jumps where the hits "
            "end: left of the jump it is the hit, right of it the miss, which costs a little more "
            "than no cache. So the median says too much of a cache, and the p99 nothing good. "
            "Curves end where too few requests lie beyond."
        ),
        alt=_alt(rows, scenarios),
        table=Table(_COLUMNS, [cells(row, _COLUMNS) for row in rows]),
        svg=panels.stacked(scenarios, draw, title=title, names=list(variants_of(rows))),
    )


def _chosen(results: Results) -> set[str]:
    measured = [entry["name"] for entry in results["scenarios"]]
    return {name for name in _SHOWN if name in measured} or set(measured[:1])


def _draw(
    axes: Axes, scenario: str, *, rows: Sequence[Entry], looks: dict[str, style.Look]
) -> None:
    own = [row for row in rows if row["scenario"] == scenario]
    for variant in variants_of(own):
        look, points = looks[variant], [row for row in own if row["variant"] == variant]
        axes.plot(
            [_place(row["percentile"]) for row in points],
            [row["ms"] for row in points],
            color=look.color,
            marker=look.marker,
            markersize=3.5,
            linestyle=look.line,
            label=variant,
        )
    panels.log_axis(axes, min(row["ms"] for row in own), max(row["ms"] for row in own))
    axes.set_xscale("log")
    ticks = [each for each in _TICKS if each <= max(row["percentile"] for row in own)]
    style.ticks(axes.xaxis, [_place(each) for each in ticks], [f"{each:g}" for each in ticks])
    axes.set_ylabel("ms (log)")
    axes.set_xlabel("percentile")
    style.heading(axes, f"{scenario}, native")


def _place(percentile: float) -> float:
    """Return where a percentile is drawn: 1 / (1 - p), as HdrHistogram's plots do."""
    return 1 / (1 - percentile / 100)


def _alt(rows: Sequence[Entry], scenarios: Sequence[str]) -> str:
    said = []
    for scenario in scenarios:
        for variant in variants_of(rows):
            own = {
                row["percentile"]: row["ms"]
                for row in rows
                if (row["scenario"], row["variant"]) == (scenario, variant)
            }
            parts = [f"p{each:g} {ms(own[each])}" for each in (50, 95, 99) if each in own]
            if parts:
                said.append(f"{scenario}, {variant}: {', '.join(parts)} ms")
    return f"{'; '.join(said)}."
