"""The figure of a race: a plain sequence diagram, one message below the other."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.coherence.race.commands import LIST
from benchmarks.coherence.race.findings import (
    TITLES,
    events,
    in_redis,
    is_old,
    judge,
    sentence,
)
from benchmarks.coherence.race.recording import Delivery, Event, Participant, RaceStep, Recording
from benchmarks.report.figure import Figure
from benchmarks.report.plots import style
from benchmarks.report.tones import TONES

_SHOWN = (RaceStep.READ, RaceStep.WRITE, RaceStep.DELIVER, RaceStep.READ_AGAIN)
_COLUMNS, _LINE = 54, 14.0
_LIFELINES: Mapping[Participant, float] = {each: float(x) for x, each in enumerate(Participant)}
_PROXY = (_LIFELINES[Participant.MONGODB] + _LIFELINES[Participant.REDIS]) / 2
_LATE = frozenset((Delivery.HELD, Delivery.ARRIVED))


@dataclass(frozen=True, slots=True)
class DiagramRow:
    """One row of the diagram: a line of text or, with ``start`` and ``end``, an arrow."""

    text: str = ""
    tone: str = "ink"
    bold: bool = False
    start: float = 0.0
    end: float = 0.0
    late: bool = False


def make(recording: Recording) -> Figure:
    """Draw a recording; the same one gives the same bytes."""
    diagram = list(rows(recording))
    title = f"The race, played by {recording.variant}"
    return Figure(
        name=f"race-{recording.variant}",
        title=title,
        caption=(
            "Time runs downwards, not to scale; the instants count from the reader's first "
            f"request. Dashed: what process A stores, {_held(recording)}. Blue: what the write "
            "does. Below each step: what the servers held when it was over."
        ),
        alt=_alt(recording),
        table=events(recording),
        svg=style.to_svg(
            lambda canvas: _draw(canvas, diagram), title=title, height=(len(diagram) + 2) * _LINE
        ),
    )


def rows(recording: Recording) -> Iterator[DiagramRow]:
    """Yield the diagram from the reader's first request on.

    The preparation is left out, and what the processes ask Redis of the account.
    """
    stale = judge(recording).stale
    shown = [each for each in recording.events if each.step in _SHOWN and not _is_of_account(each)]
    begins_ms = shown[0].at_ms if shown else 0.0
    for number, step in enumerate(_SHOWN, start=1):
        yield DiagramRow()
        yield DiagramRow(f"{number}  {TITLES[step]}", bold=True)
        for event in (each for each in shown if each.step is step):
            yield from _message(event, begins_ms, stale=event.operation in stale)
        state = recording.state_after(step)
        old = is_old(state)
        said = f"MongoDB has {state.mongodb}, Redis has {in_redis(state)}"
        yield DiagramRow(said, tone="vermilion" if old else "muted", bold=old)


def _is_of_account(event: Event) -> bool:
    return event.to is Participant.REDIS and LIST not in event.said


def _message(event: Event, begins_ms: float, *, stale: bool) -> Iterator[DiagramRow]:
    said = event.said
    if stale:
        said = f"STALE: {said}"
    elif event.delivery is Delivery.HELD:
        said = f"{said}, held on its way"
    elif event.delivery is Delivery.ARRIVED:
        said = f"arrives: {said}"
    tone = _tone(event, stale=stale)
    for line in textwrap.wrap(f"{event.at_ms - begins_ms:.0f} ms · {said}", _COLUMNS):
        yield DiagramRow(line, tone=tone, bold=stale)
    start = _PROXY if event.delivery is Delivery.ARRIVED else _LIFELINES[event.actor]
    end = _PROXY if event.delivery is Delivery.HELD else _LIFELINES[event.to]
    yield DiagramRow(tone=tone, start=start, end=end, late=event.delivery in _LATE)


def _tone(event: Event, *, stale: bool) -> str:
    if stale:
        return "vermilion"
    if event.delivery in _LATE:
        return "purple"
    return "blue" if event.step is RaceStep.WRITE and event.delivery is Delivery.SENT else "ink"


def _draw(canvas: Canvas, diagram: list[DiagramRow]) -> None:
    axes = canvas.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(-0.5, len(_LIFELINES) - 0.5)
    axes.set_ylim(len(diagram) + 0.5, -1.5)
    for name, x in _LIFELINES.items():
        axes.text(x, -1, name, ha="center", va="center", fontsize=9.5, fontweight="bold")
        axes.plot([x, x], [-0.4, len(diagram)], color=style.EDGE, linewidth=0.6, zorder=1)
    for y, row in enumerate(diagram):
        if row.start != row.end:
            _arrow(axes, row, y)
        elif row.text:
            _text(axes, row, y)


def _arrow(axes: Axes, row: DiagramRow, y: int) -> None:
    props = {
        "arrowstyle": "-|>",
        "color": TONES[row.tone].light,
        "linestyle": (0, (3, 2)) if row.late else "-",
        "linewidth": 1.2,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    axes.annotate("", xy=(row.end, y), xytext=(row.start, y), arrowprops=props, zorder=3)


def _text(axes: Axes, row: DiagramRow, y: int) -> None:
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


def _held(recording: Recording) -> str:
    held = any(event.delivery is Delivery.HELD for event in recording.events)
    return "kept by the proxy between it and Redis" if held else "which is nothing here"


def _alt(recording: Recording) -> str:
    last, stale = recording.state_after(RaceStep.READ_AGAIN), judge(recording).stale
    arrived = [each.said for each in recording.events if each.delivery is Delivery.ARRIVED]
    late = f" What process A stored arrived after the write: {arrived[0]}." if arrived else ""
    end = "The old list is served" if stale else "No read is served the old list"
    return (
        f"{sentence(recording)}{late} {end}; at the end MongoDB has {last.mongodb} and Redis has "
        f"{in_redis(last)}."
    )
