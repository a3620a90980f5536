"""The figure of a race: a plain sequence diagram, one message below the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
    events,
    in_redis,
    is_old,
    messages,
    sentence,
)
from benchmarks.coherence.race.recording import RaceStep, Recording
from benchmarks.report.figure import Figure
from benchmarks.report.plots import style
from benchmarks.report.tones import TONES

_LINE = 14.0
_LIFELINES: Mapping[str, int] = {
    name: x for x, name in enumerate((READER, PROCESSES[0], PROXY, REDIS, PROCESSES[1], WRITER))
}


@dataclass(frozen=True, slots=True)
class DiagramRow:
    """One row of the diagram: a line of text and, below it, the arrow of a message."""

    text: str = ""
    tone: str = "ink"
    bold: bool = False
    message: RaceMessage | None = None


def make(recording: Recording) -> Figure:
    """Draw a recording; the same one gives the same bytes."""
    diagram = list(_rows(recording))
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
            lambda canvas: _draw(canvas, diagram), title=title, height=(len(diagram) + 2) * _LINE
        ),
    )


def _rows(recording: Recording) -> Iterator[DiagramRow]:
    for number, (step, said) in enumerate(messages(recording).items()):
        yield DiagramRow()
        yield DiagramRow(f"{number}  {TITLES[step]}", bold=True)
        for each in said:
            tone = "vermilion" if each.stale else "purple" if _is_late(each) else "ink"
            text = f"{each.at_ms:.0f} ms · {'STALE: ' if each.stale else ''}{each.said}"
            yield DiagramRow(text, tone, bold=each.stale)
            yield DiagramRow(tone=tone, message=each)
        state = recording.state_after(step)
        old = is_old(state)
        text = f"MongoDB has {state.mongodb}, Redis has {in_redis(state)}"
        yield DiagramRow(text, tone="vermilion" if old else "muted", bold=old)


def _is_late(message: RaceMessage) -> bool:
    return PROXY in {message.sender, message.receiver}


def _draw(canvas: Canvas, diagram: list[DiagramRow]) -> None:
    axes = canvas.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(-0.5, len(_LIFELINES) - 0.5)
    axes.set_ylim(len(diagram) + 0.5, -1.5)
    for name, x in _LIFELINES.items():
        axes.text(x, -1, name, ha="center", va="center", fontsize=9.5, fontweight="bold")
        axes.plot([x, x], [-0.4, len(diagram)], color=style.EDGE, linewidth=0.6, zorder=1)
    for y, row in enumerate(diagram):
        if row.message is not None:
            _arrow(axes, row.message, TONES[row.tone].light, y)
        elif row.text:
            axes.text(
                -0.45,
                y,
                row.text,
                va="center",
                fontsize=9.5,
                color=TONES[row.tone].light,
                fontweight="bold" if row.bold else "normal",
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
