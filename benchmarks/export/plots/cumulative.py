"""How the speedup grows with the number of reads from a cold cache."""

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.export.figure import Figure
from benchmarks.export.figures import times
from benchmarks.export.page import Entry, Table
from benchmarks.export.plots import panels, style
from benchmarks.export.plots.rows import cells, claimed, regimes_of, variants_of
from benchmarks.export.results import Results

_SCENARIO = "session"
_COLUMNS = ("regime", "variant", "reads", "speedup", "low", "high")


def make(results: Results) -> Figure | None:
    """Draw S(n) as measured, what the model says of more reads, and the bound S(n) < n."""
    rows = claimed(results, "cumulative", _SCENARIO)
    if not rows:
        return None
    title = "Speedup after n reads, S(n)"
    model = _native_model(results)
    looks, names = style.looks(results), variants_of(rows)
    draw = partial(_draw, rows=rows, looks=looks, model=model)
    return Figure(
        name="cumulative",
        title=title,
        caption=(
            "How many times as fast the first n reads of a cold session were together, with 95 % "
            "intervals. The dotted line is n itself: because the first read is a miss, no cache "
            "can reach it, so five reads are never five times as fast. Dashed: the claimed 4.63x "
            "and 5x."
            + (" The thin line goes on with the cost model fitted to this run." if model else "")
        ),
        alt=_alt(rows),
        table=Table(_COLUMNS, [cells(row, _COLUMNS) for row in rows]),
        svg=panels.stacked(regimes_of(rows), draw, title=title, names=[*names,"n"]),
    )


def _native_model(results: Results) -> Mapping[str, Mapping[int, float]]:
    """Return S(n) by variant, of the model of the regime that it was fitted in."""
    return {
        entry["variant"]: {
            int(n): value
            for n, value in sorted(entry["speedup_by_reads"].items(), key=lambda each: int(each[0]))
        }
        for entry in results.get("models", ())
    }


def _draw(
    axes: Axes,
    regime: str,
    *,
    rows: Sequence[Entry],
    looks: dict[str, style.Look],
    model: Mapping[str, Mapping[int, float]],
) -> None:
    own = [row for row in rows if row["regime"] == regime]
    most = max(row["reads"] for row in own)
    curves = model if regime == "native" else {}
    last = max([most, *(n for curve in curves.values() for n in curve)])
    for value in (250 / 54, 5):
        axes.axhline(value, color=style.EDGE, linewidth=1, linestyle=(0, (3, 2)))
    axes.plot([1, last], [1, last], color=style.MUTED, linestyle=":", label="the bound, n")
    for variant, curve in curves.items():
        if variant in looks:
            axes.plot(list(curve), list(curve.values()), color=looks[variant].color, linewidth=0.8)
    for variant in variants_of(own):
        look, points = looks[variant], [row for row in own if row["variant"] == variant]
        xs, ys = [row["reads"] for row in points], [row["speedup"] for row in points]
        axes.vlines(xs, [r["low"] for r in points], [r["high"] for r in points], color=look.color)
        axes.plot(xs, ys, color=look.color, marker=look.marker, linestyle=look.line, label=variant)
    top = max(5.5, *(row["high"] for row in own))
    axes.set_ylim(0, min(top * 1.1, last * 1.1))
    step = 1 if last <= 6 else 5  # noqa: PLR2004 - what fits
    style.ticks(axes.xaxis, [1, *range(step if step > 1 else 2, last + 1, step)])
    axes.grid(visible=True, axis="y")
    axes.set_ylabel("times as fast")
    axes.set_xlabel("reads n")
    style.heading(axes, regime)


def _alt(rows: Sequence[Entry]) -> str:
    most = max(row["reads"] for row in rows)
    said = [
        f"{row['regime']}, {row['variant']}: S({most}) = {times(row['speedup'])}"
        for row in rows
        if row["reads"] == most
    ]
    return f"S(n) rises with n and stays below n. {'; '.join(said)}."
