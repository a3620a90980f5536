"""The picture of a race: who said what to whom, downwards in time."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle

from benchmarks.export.figure import Figure
from benchmarks.export.plots import style
from benchmarks.export.tones import TONES
from benchmarks.race.layout import PLACES, PROXY, SIZE, Arrow, Layout, Words, laid_out
from benchmarks.race.recording import Recording, Step, Way
from benchmarks.race.verdict import judge, sentence
from benchmarks.race.view import events, in_redis

_FOOT = 6.0
_HEAD = 17.0
_BAND = 15.0


def make(recording: Recording) -> Figure:
    """Draw a recording; the same one gives the same bytes."""
    layout = laid_out(recording)
    title = f"The race, played by {recording.variant}"
    return Figure(
        name=f"race-{recording.variant.replace('+', '-')}",
        title=title,
        caption=(
            "Time runs downwards, not to scale; the instants count from the reader's first "
            f"request. Dashed: what process A stores, {_kept(recording)}. Blue: what the write "
            "does. Below each step: what the servers held when it was over."
        ),
        alt=_alt(recording),
        table=events(recording),
        svg=style.to_svg(
            lambda canvas: _draw(canvas, layout), title=title, height=layout.height + _FOOT
        ),
    )


def _kept(recording: Recording) -> str:
    held = any(event.way is Way.HELD for event in recording.events)
    return "kept by the proxy between it and Redis" if held else "which is nothing here"


def _alt(recording: Recording) -> str:
    last, stale = recording.look(Step.READ_AGAIN), judge(recording).is_stale
    arrived = [each.said for each in recording.events if each.way is Way.ARRIVED]
    late = f" What process A stored arrived after the write: {arrived[0]}." if arrived else ""
    end = "The old list is served" if stale else "Nobody is served the old list"
    return (
        f"{sentence(recording)}{late} {end}; at the end MongoDB has {last.mongodb} and Redis has "
        f"{in_redis(last)}."
    )


def _draw(canvas: Canvas, layout: Layout) -> None:
    height = layout.height + _FOOT
    # Everything has its place already.
    canvas.set_layout_engine("none")
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, style.WIDTH)
    axes.set_ylim(height, 0)
    for x in PLACES.values():
        axes.plot([x, x], [_HEAD, layout.height], color=style.EDGE, linewidth=0.6, zorder=1)
    for y in layout.bands:
        box = Rectangle((0, y - _BAND + 4), style.WIDTH, _BAND, color=style.BAND, zorder=2)
        axes.add_patch(box)
    for start, end in layout.waits:
        axes.plot([PROXY, PROXY], [start, end], color=TONES["purple"].light, linestyle=":")
        axes.plot([PROXY], [start], marker="s", color=TONES["purple"].light, zorder=4)
    for arrow in layout.arrows:
        _arrow(axes, arrow)
    for words in layout.words:
        _words(axes, words, on_band=words.y in layout.bands)


def _arrow(axes: Axes, arrow: Arrow) -> None:
    axes.annotate(
        "",
        xy=(arrow.end, arrow.y),
        xytext=(arrow.start, arrow.y),
        zorder=6,
        arrowprops={
            "arrowstyle": "-|>" if arrow.tip else "-",
            "color": TONES[arrow.tone].light,
            "linestyle": (0, (3, 2)) if arrow.dashed else "-",
            "linewidth": 1.2,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )


def _words(axes: Axes, words: Words, *, on_band: bool) -> None:
    paper = None if on_band else {"facecolor": style.PAPER, "edgecolor": "none", "pad": 1.0}
    axes.text(
        words.x,
        words.y,
        words.text,
        fontsize=SIZE,
        color=TONES[words.tone].light,
        fontweight="bold" if words.bold else "normal",
        bbox=paper,
        zorder=5,
    )
