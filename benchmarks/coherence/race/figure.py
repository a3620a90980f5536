"""The figure of a race: a plain sequence diagram, one message below the other."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.coherence.race.findings import (
    PROCESSES,
    PROXY,
    READER,
    REDIS,
    TITLES,
    WRITER,
    RaceMessage,
    RaceStep,
    Recording,
    events,
    in_redis,
    is_old,
    messages,
    sentence,
)
from benchmarks.report.figure import Figure
from benchmarks.report.plots import style
from benchmarks.report.tones import TONES

_LINE = 14.0
_LIFELINES: Mapping[str, int] = {
    name: x for x, name in enumerate((READER, PROCESSES[0], PROXY, REDIS, PROCESSES[1], WRITER))
}


def make(recording: Recording) -> Figure:
    """Draw a recording; the same one gives the same bytes."""
    said = messages(recording)
    rows = sum(3 + 2 * len(each) for each in said.values())
    title = f"The race, played by {recording.variant}"
    last = recording.state_after(RaceStep.READ_AGAIN)
    return Figure(
        name=f"race-{recording.variant}",
        title=title,
        caption=(
            "Time runs downwards, not to scale. Dashed: what process A stores, kept by the proxy "
            "between it and Redis. Below each step: what the servers held when it was over."
        ),
        alt=(
            f"{sentence(recording)} At the end MongoDB has {last.mongodb} and Redis has "
            f"{in_redis(last)}."
        ),
        table=events(recording),
        svg=style.to_svg(
            lambda canvas: _draw(canvas, recording, rows), title=title, height=(rows + 2) * _LINE
        ),
    )


def _draw(canvas: Canvas, recording: Recording, rows: int) -> None:
    """Draw the steps below each other: a title, two rows for each message, what was held then."""
    axes = canvas.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(-0.5, len(_LIFELINES) - 0.5)
    axes.set_ylim(rows + 0.5, -1.5)
    for name, x in _LIFELINES.items():
        axes.text(x, -1, name, ha="center", va="center", fontsize=9.5, fontweight="bold")
        axes.plot([x, x], [-0.4, rows], color=style.EDGE, linewidth=0.6, zorder=1)
    y = 0
    for number, (step, said) in enumerate(messages(recording).items()):
        _say(axes, y + 1, f"{number}  {TITLES[step]}", bold=True)
        y += 2
        for each in said:
            tone = "vermilion" if each.stale else "purple" if _is_late(each) else "ink"
            stale = "STALE: " if each.stale else ""
            _say(axes, y, f"{each.at_ms:.0f} ms · {stale}{each.said}", tone, bold=each.stale)
            _arrow(axes, each, TONES[tone].light, y + 1)
            y += 2
        state = recording.state_after(step)
        old = is_old(state)
        held = f"MongoDB has {state.mongodb}, Redis has {in_redis(state)}"
        _say(axes, y, held, "vermilion" if old else "muted", bold=old)
        y += 1


def _is_late(message: RaceMessage) -> bool:
    return PROXY in {message.sender, message.receiver}


def _say(axes: Axes, y: int, text: str, tone: str = "ink", *, bold: bool = False) -> None:
    axes.text(
        -0.45,
        y,
        text,
        va="center",
        fontsize=9.5,
        color=TONES[tone].light,
        fontweight="bold" if bold else "normal",
        bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1.0},
        zorder=2,
    )


def _arrow(axes: Axes, message: RaceMessage, color: str, y: int) -> None:
    props = {
        "arrowstyle": "-|>",
        "color": color,
        "linestyle": (0, (3, 2)) if _is_late(message) else "-",
        "linewidth": 1.2,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    start, end = _LIFELINES[message.sender], _LIFELINES[message.receiver]
    axes.annotate("", xy=(end, y), xytext=(start, y), arrowprops=props, zorder=3)
