"""The curve as SVG: the same facts give the same bytes."""

import io
import textwrap

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.analysis.model.cost import speedup_at
from benchmarks.predict.advise.amounts import percent, wish
from benchmarks.predict.advise.answer import Advice
from benchmarks.predict.advise.curve import Mark, marks
from benchmarks.predict.advise.facts import WorkloadFacts
from benchmarks.report.figures import ms, times

POINTS = 200
_LINE, _HERE, _OTHER = "#0072B2", "#D55E00", "#595959"
_CAPTION_COLUMNS = 100
# How much of the axis a label may take.
_LABEL = 0.35
_TICKS = [step * 10.0**power for power in range(-3, 5) for step in (1, 2, 5)]


def grid() -> list[float]:
    """Return the hit ratios at which the curve is drawn."""
    return [point / POINTS for point in range(POINTS + 1)]


def caption(facts: WorkloadFacts, answer: Advice) -> str:
    """Return what the figure shows; it says the same to who cannot see it."""
    model = facts.model
    named = "; ".join(f"{mark.name} at {percent(mark.hit_ratio)}" for mark in marks(facts, answer))
    return (
        f"How many times faster the mean read is by hit ratio, for a database of "
        f"{ms(model.database_ms)} ms, a hit of {ms(model.hit_ms)} ms, {ms(model.miss_ms)} ms on "
        f"top of a miss and {ms(model.app_ms)} ms that both do. From "
        f"{times(speedup_at(model, 0))} where nothing hits to {times(model.limit)} where all "
        f"does; {named}."
    )


def curve_svg(facts: WorkloadFacts, answer: Advice) -> str:
    """Return S(h) with the marks."""
    with mpl.rc_context():
        # What a user has set for figures of their own must not change the report's.
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "fivefold", "svg.fonttype": "none"})
        figure = Figure(figsize=(8, 5))
        axes = figure.add_axes((0.1, 0.27, 0.86, 0.68))
        _draw(axes, facts, answer)
        text = caption(facts, answer)
        figure.text(0.02, 0.02, textwrap.fill(text, _CAPTION_COLUMNS), fontsize=8, va="bottom")
        file = io.BytesIO()
        metadata = {"Date": None, "Title": "Speedup by hit ratio", "Description": text}
        figure.savefig(file, format="svg", metadata=metadata)
        return file.getvalue().decode()


def _draw(axes: Axes, facts: WorkloadFacts, answer: Advice) -> None:
    ratios = grid()
    speedups = [speedup_at(facts.model, ratio) for ratio in ratios]
    axes.plot(ratios, speedups, color=_LINE, linewidth=2)
    axes.axhline(1, color=_OTHER, linewidth=0.8)
    places = marks(facts, answer)
    for number, mark in enumerate(places):
        _mark(axes, facts, mark, row=_crowd(places, number))
    axes.set_xlim(0, 1)
    axes.margins(y=0.12)
    axes.set_yscale("log")
    lowest, highest = axes.get_ylim()
    ticks = [tick for tick in _TICKS if lowest <= tick <= highest]
    axes.set_yticks(ticks, [wish(tick) for tick in ticks])
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda value, _: percent(value))
    axes.set_xlabel("hit ratio")
    axes.set_ylabel("times faster (log)")
    axes.grid(axis="y", linewidth=0.4, alpha=0.5)
    axes.spines[["top", "right"]].set_visible(False)


def _mark(axes: Axes, facts: WorkloadFacts, mark: Mark, *, row: int) -> None:
    here = mark.name == "you are here"
    color = _HERE if here else _OTHER
    speedup = speedup_at(facts.model, mark.hit_ratio)
    axes.axvline(mark.hit_ratio, color=color, linewidth=0.9, linestyle="-" if here else "--")
    axes.plot([mark.hit_ratio], [speedup], "o", color=color, markersize=7 if here else 4)
    left = mark.hit_ratio > 0.5  # noqa: PLR2004 - the half of the figure it is in
    axes.annotate(
        f"{mark.name} {percent(mark.hit_ratio)}",
        (mark.hit_ratio, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if left else 4, -12 - 12 * row),
        textcoords="offset points",
        ha="right" if left else "left",
        color=color,
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )


def _crowd(places: list[Mark], number: int) -> int:
    """Return in which line a label goes so that neighbors do not overlap."""
    return sum(places[number].hit_ratio - earlier.hit_ratio < _LABEL for earlier in places[:number])
