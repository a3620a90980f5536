"""What a report is made of, in every text format: headings, sentences and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of text."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with sentences and perhaps a table under it."""

    heading: str
    sentences: Sequence[str] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report: its title, what was done, what it found in a sentence, and its sections."""

    title: str
    headline: Sequence[str]
    sections: Sequence[Section]
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """What was written, and how the claims that were asked about came out.

    With ``check_failed`` nothing of it can be trusted.
    """

    page: Page
    check_failed: bool
    not_held: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
