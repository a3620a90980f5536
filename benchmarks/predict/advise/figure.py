"""The curve S(h) as a figure: the same facts give the same bytes."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.analysis.model.cost import mean_read_ms, speedup_at
from benchmarks.predict.advise.answer import HERE, Advice, Mark, marks
from benchmarks.predict.advise.facts import WorkloadFacts
from benchmarks.predict.amounts import percent, wish
from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms, times
from benchmarks.report.page import Table
from benchmarks.report.plots import style
from benchmarks.report.tones import TONES

POINTS = 200
_HEIGHT = 280.0


def make(facts: WorkloadFacts, answer: Advice) -> Figure:
    """Draw how many times faster the mean read is at each hit ratio, with the marks."""
    title, caption = "Speedup by hit ratio", _caption(facts, answer)
    ratios = [point / POINTS for point in range(POINTS + 1)]
    read_ms = [mean_read_ms(facts.model, ratio) for ratio in ratios]
    speedups = [speedup_at(facts.model, ratio) for ratio in ratios]

    def draw(canvas: Canvas) -> None:
        axes = canvas.subplots()
        axes.plot(ratios, speedups, color=TONES["blue"].light)
        axes.axhline(1, color=style.EDGE, linewidth=0.8)
        for number, mark in enumerate(marks(facts, answer)):
            _mark(axes, mark, speedup_at(facts.model, mark.hit_ratio), row=number)
        axes.set_xlim(0, 1)
        axes.margins(y=0.12)
        axes.set_yscale("log")
        lowest, highest = axes.get_ylim()
        ticks = style.log_values(lowest, highest)
        style.ticks(axes.yaxis, ticks, [wish(tick) for tick in ticks])
        style.ticks(axes.xaxis, [0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlabel("hit ratio")
        axes.set_ylabel("times faster (log)")
        axes.grid(visible=True, axis="y")

    return Figure(
        name="curve",
        title=title,
        caption=caption,
        alt=caption,
        table=Table(
            ("hit_ratio", "read_ms", "speedup"),
            [
                [f"{value:.6g}" for value in row]
                for row in zip(ratios, read_ms, speedups, strict=True)
            ],
        ),
        svg=style.to_svg(draw, title=title, height=_HEIGHT),
    )


def _caption(facts: WorkloadFacts, answer: Advice) -> str:
    model = facts.model
    named = "; ".join(f"{mark.name} at {percent(mark.hit_ratio)}" for mark in marks(facts, answer))
    return (
        f"How many times faster the mean read is by hit ratio, for a database of "
        f"{ms(model.database_ms)} ms, a hit of {ms(model.hit_ms)} ms, {ms(model.miss_ms)} ms on "
        f"top of a miss and {ms(model.app_ms)} ms that both do. From "
        f"{times(speedup_at(model, 0))} where nothing hits to {times(model.limit)} where all "
        f"does; {named}."
    )


def _mark(axes: Axes, mark: Mark, speedup: float, *, row: int) -> None:
    here = mark.name == HERE
    color = TONES["vermilion" if here else "muted"].light
    axes.axvline(mark.hit_ratio, color=color, linewidth=0.9, linestyle="-" if here else "--")
    axes.plot([mark.hit_ratio], [speedup], "o", color=color, markersize=7 if here else 4)
    left = mark.hit_ratio > 0.5  # noqa: PLR2004 - the half of the figure it is in
    axes.annotate(
        f"{mark.name} {percent(mark.hit_ratio)}",
        (mark.hit_ratio, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if left else 4, -12 - 14 * row),
        textcoords="offset points",
        ha="right" if left else "left",
        color=color,
        fontsize=10,
        bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1},
    )
