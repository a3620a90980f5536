"""S(n) beside its bound: the picture of why five reads are never five times as fast."""

from dataclasses import replace

from matplotlib.axes import Axes

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.report.figure import Figure
from benchmarks.report.figures import times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.tones import TONES

_WANTED = 5.0
_LOOK = style.SeriesStyle(TONES["blue"].light, "s", "-")


def bound(reads: int, database_ms: float = SEED_MODEL.database_ms) -> Figure:
    """Draw S(1) to S(``reads``) from a cold cache, with n, which it stays below.

    All but the time of the database is what the tutorial says (METHOD 2.1).
    """
    model = replace(SEED_MODEL, database_ms=database_ms)
    speedups = [(n, model.speedup(n)) for n in range(1, reads + 1)]
    last, needed = speedups[-1][1], model.reads_needed(_WANTED)
    title = f"{reads} reads, a database of {model.database_ms:g} ms"
    reached = f"{_WANTED:g}x first at n = {needed}" if needed else f"{_WANTED:g}x at no n at all"

    def draw(axes: Axes, points: list[tuple[int, float]]) -> None:
        panels.dashed(axes, [_WANTED])
        panels.curve(axes, points, _LOOK, name="S(n)")
        axes.plot([1, reads], [1, reads], color=style.MUTED, linestyle=":", label="n", zorder=1)
        axes.set_ylim(0, 1.1 * max(_WANTED, reads))
        panels.count_ticks(axes, reads)
        axes.grid(visible=True, axis="y")
        axes.set_xlabel("reads n")
        axes.set_ylabel("times as fast")

    return Figure(
        name="bound",
        title=title,
        caption=(
            f"{reads} reads of one list from a cold cache: {times(last)}. {reached}; after very "
            f"many reads it is {times(model.limit)}. The dotted line is n, which S(n) never "
            f"touches after the first read; dashed is {_WANTED:g}x. A hit costs "
            f"{model.hit_total_ms:g} ms."
        ),
        alt=f"S({reads}) = {times(last)}, below n = {reads}; {reached}.",
        table=Table(("n", "S(n)"), [(str(n), f"{speedup:.4g}") for n, speedup in speedups]),
        svg=panels.stacked([speedups], draw, title=title, names=["S(n)", "n"], panel=230),
    )
