"""Where everything in the picture of a race stands, in units of the drawing; ``y`` counts down.

One message is one row: its words above its arrow, so that no words can meet others.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.race.recording import Event, Lane, Look, Recording, Step, Way
from benchmarks.race.told import LIST
from benchmarks.race.verdict import judge
from benchmarks.race.view import TITLES, in_redis, is_old

SIZE = 9.5
"""The height of the letters."""
_LETTER = 0.62 * SIZE
"""How wide a letter is at most on average; bold ones are wider."""
_BOLD = 1.22
_COLUMNS = 56
_MARGIN, _GAP = 5.0, 61.0
_FIRST = 28.0
_TITLE, _LINE, _ARROW, _SPACE = 22.0, 13.0, 11.0, 5.0
_SHOWN = (Step.READ, Step.WRITE, Step.DELIVER, Step.READ_AGAIN)
PLACES: Mapping[Lane, float] = {lane: _FIRST + _GAP * place for place, lane in enumerate(Lane)}
"""Where the line of each who takes part is."""
PROXY = (PLACES[Lane.MONGODB] + PLACES[Lane.REDIS]) / 2
"""Where what is held waits."""


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; ``x`` is its left end."""

    x: float
    y: float
    text: str
    tone: str = "ink"
    bold: bool = False

    @property
    def width(self) -> float:
        """Return how wide it is at most."""
        return len(self.text) * _LETTER * (_BOLD if self.bold else 1)


@dataclass(frozen=True, slots=True)
class Arrow:
    """A message at height ``y``; one that is held has no tip."""

    start: float
    end: float
    y: float
    tone: str
    dashed: bool = False
    tip: bool = True


@dataclass(slots=True)
class Layout:
    """Everything that is drawn.

    ``bands`` are the heights of the headings, ``waits`` from where to where something is held.
    """

    words: list[Words] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    bands: list[float] = field(default_factory=list)
    waits: list[tuple[float, float]] = field(default_factory=list)
    height: float = 0.0


def laid_out(recording: Recording) -> Layout:
    """Place the steps of a race below each other, from the reader's first request on.

    The preparation is left out, and what the processes ask Redis of the account.
    """
    layout, stale = Layout(), judge(recording).stale
    layout.height = _heads(layout)
    shown = [each for each in recording.events if each.step in _SHOWN and not _aside(each)]
    begins_ms = shown[0].at_ms if shown else 0.0
    for number, step in enumerate(_SHOWN, start=1):
        _title(layout, f"{number}  {TITLES[step]}")
        for event in shown:
            if event.step is step:
                _message(layout, event, begins_ms, wrong=event.operation in stale)
        _state(layout, recording.look(step))
    _join(layout, shown)
    return layout


def _aside(event: Event) -> bool:
    return event.to is Lane.REDIS and LIST not in event.said


def _heads(layout: Layout) -> float:
    for lane, x in PLACES.items():
        layout.words.append(_around(x, _LINE, str(lane), bold=lane in {Lane.REDIS, Lane.MONGODB}))
    return _LINE + _SPACE


def _title(layout: Layout, text: str) -> None:
    layout.height += _TITLE
    layout.bands.append(layout.height)
    layout.words.append(Words(_MARGIN, layout.height, text, bold=True))
    layout.height += _SPACE


def _message(layout: Layout, event: Event, begins_ms: float, *, wrong: bool) -> None:
    tone = _tone(event, wrong=wrong)
    start, end = PLACES[event.actor], PLACES[event.to]
    if event.way is Way.HELD:
        end = PROXY
    elif event.way is Way.ARRIVED:
        start = PROXY
    for line in _lines(event, begins_ms, wrong=wrong):
        layout.height += _LINE
        middle = (start + end) / 2
        layout.words.append(_around(middle, layout.height, line, tone=tone, bold=wrong))
    layout.height += _ARROW
    late = event.way in {Way.HELD, Way.ARRIVED}
    y = layout.height - _ARROW / 2
    layout.arrows.append(Arrow(start, end, y, tone, dashed=late, tip=event.way is not Way.HELD))


def _lines(event: Event, begins_ms: float, *, wrong: bool) -> Sequence[str]:
    said = event.said
    if wrong:
        said = f"STALE: {said}"
    elif event.way is Way.HELD:
        said = f"{said}, held on its way"
    elif event.way is Way.ARRIVED:
        said = f"arrives: {said}"
    return textwrap.wrap(f"{event.at_ms - begins_ms:.0f} ms · {said}", _COLUMNS)


def _tone(event: Event, *, wrong: bool) -> str:
    if wrong:
        return "vermilion"
    if event.way in {Way.HELD, Way.ARRIVED}:
        return "purple"
    return "blue" if event.step is Step.WRITE and event.way is Way.SENT else "ink"


def _state(layout: Layout, look: Look) -> None:
    old = is_old(look)
    said = f"MongoDB has {look.mongodb}, Redis has {in_redis(look)}"
    layout.height += _LINE
    layout.words.append(
        Words(_MARGIN, layout.height, said, tone="vermilion" if old else "muted", bold=old)
    )
    layout.height += _SPACE


def _join(layout: Layout, shown: Sequence[Event]) -> None:
    """Note from where to where something waited at the proxy."""
    heights = [
        arrow.y
        for arrow, event in zip(layout.arrows, shown, strict=True)
        if event.way in {Way.HELD, Way.ARRIVED}
    ]
    if len(heights) > 1:
        layout.waits.append((heights[0], heights[1]))


def _around(x: float, y: float, text: str, *, tone: str = "ink", bold: bool = False) -> Words:
    """Center words on ``x``, but keep them inside the drawing."""
    width = Words(0, y, text, tone, bold).width
    most = PLACES[Lane.WRITER] + _FIRST - _MARGIN - width
    return Words(max(_MARGIN, min(x - width / 2, most)), y, text, tone, bold)
