"""The page model of every format: an answer, headings, sentences and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

Tone = Literal["", "good", "bad", "failed", "open"]
"""The meaning of a cell: a claim held, did not hold, is wrong, or is open."""
SectionKind = Literal[
    "measured",
    "wrong answers",
    "verdicts",
    "checks",
    "limits",
    "machine",
]
"""The subject of a section: by it formats decide where a section stands and how much they show."""

_TONES: Mapping[str, Tone] = {
    **dict.fromkeys(("reproduced", "held", "passed", "unchanged", "ok"), "good"),
    **dict.fromkeys(("not reproduced", "not held", "FAIL"), "bad"),
    "wrong": "failed",
}


class TonedText(str):
    """The text of a table's cell with what it means; a plain text means nothing special."""

    __slots__ = ("tone",)
    tone: Tone

    def __new__(cls, text: str, tone: Tone = "") -> Self:
        """Make a cell that is its text."""
        cell = super().__new__(cls, text)
        cell.tone = tone
        return cell


def judged(decision: str, text: str = "") -> TonedText:
    """Return a decision as a cell, in its own word or another text; what is neither is open."""
    return TonedText(text or decision, _TONES.get(decision, "open"))


def tone_of(cell: str) -> Tone:
    """Return what a cell means."""
    return cell.tone if isinstance(cell, TonedText) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of text."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with sentences and perhaps a table under it.

    ``notes`` explain the table: a page folds them, every other format prints them with it.
    """

    heading: str
    sentences: Sequence[str] = ()
    table: Table | None = None
    kind: SectionKind = "measured"
    notes: Sequence[str] = ()

    @property
    def said(self) -> Sequence[str]:
        """Return the sentences and the notes."""
        return (*self.sentences, *self.notes)


@dataclass(frozen=True, slots=True)
class Bar:
    """One length of a scale: what it is, how many milliseconds, and whether it was measured."""

    label: str
    ms: float
    measured: bool


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """The first screen: one figure, one sentence, bars, and claims in words.

    ``rows`` are the claim, what was measured, and the verdict with a mark of its own; what follows
    for the claim that the report is about is the ``consequence``.
    """

    figure: str
    sentence: str
    consequence: str = ""
    bars: Sequence[Bar] = ()
    rows: Sequence[Sequence[str]] = ()

    @property
    def table(self) -> Table:
        """Return the claims as a table."""
        return Table(("claim", "measured [90 %]", "verdict", "name"), self.rows)


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report: its title, what was done, what it found, and its sections."""

    title: str
    headline: Sequence[str]
    sections: Sequence[Section]
    lead: str = ""
    answer: ReportAnswer | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A written page, and the result of the asked claims.

    With ``check_failed`` something of it is wrong.
    """

    page: Page
    check_failed: bool
    not_held: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
