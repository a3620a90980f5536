"""``report.html``: the whole report as one file; the same results and figures give the same bytes.

The texts and tables are those of ``report.md`` and the terminal, in another order: the verdict
comes first.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import ms
from benchmarks.report.html.inline import inline
from benchmarks.report.page import Page, Section, SectionKind, Table, tone_of
from benchmarks.report.tones import variables
from benchmarks.report.view import page

_HERE = Path(__file__).parent
_IN_SIGHT = 6
"""The number of figures in sight; the others are one click away."""
_CHAPTERS: Mapping[SectionKind, tuple[str, str, str]] = {
    "measured": ("numbers", "Numbers", "Every scenario, regime and variant"),
    "checks": ("trust", "Checks", ""),
    "machine": ("method", "Method and environment", "How it was measured, and on what"),
}
"""The anchor and the heading of what follows the figures, and what folds it."""
_NUMBER = re.compile(
    r"[-+]?[\d ]*\.?\d+( ?%|x| ms)?( \[[-\d., ]+\])?( \([\d.]+\))?|-|reference|ceiling"
)
_WITHIN_A_NUMBER = re.compile(r"(?<=\d) (?=\d{3})|(?<=\d,) (?=[-\d]+[.\d]*\])|(?<=\d) (?=(ms|%)\b)")
_NO_BREAK = "\u00a0"
_LONG = 44


def to_html(results: Results, figures: Sequence[Figure]) -> str:
    """Return the page with the figures in their order."""
    report = page(results)
    # The style sheet is a file of this package, not a value of the run.
    css = Markup(variables() + (_HERE / "style.css").read_text(encoding="utf-8"))  # noqa: S704
    return (
        templates(_HERE)
        .get_template("page.html.j2")
        .render(
            report=report,
            css=css,
            figures=figures,
            in_sight=_IN_SIGHT,
            verdict=_of(report, "verdicts", "wrong answers", "limits"),
            chapters=[(*chapter, _of(report, kind)) for kind, chapter in _CHAPTERS.items()],
        )
    )


def _of(report: Page, *kinds: SectionKind) -> list[Section]:
    """Return the sections of these kinds, by kind and then in the order of the report."""
    return [section for kind in kinds for section in report.sections if section.kind == kind]


@cache
def templates(folder: Path) -> Environment:
    """Return the templates of a folder, with the macros and filters that a page is made of."""
    made = Environment(
        loader=FileSystemLoader([folder, _HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "column_kinds": _column_kinds,
        "inline": inline,
        "kind": _kind,
        "ms": ms,
        "slug": _slug,
        "whole": _whole,
    }
    return made


def _column_kinds(table: Table) -> list[str | None]:
    """Return the class of the cells of each column: "number" where all but the heading are."""
    return [
        "number"
        if column > 0 and all(_NUMBER.fullmatch(row[column]) for row in table.rows)
        else None
        for column in range(len(table.headings))
    ]


def _slug(heading: str) -> str:
    """Return a heading as an id."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def _whole(text: str) -> str:
    """Keep an interval, a number with its thousands and one with its unit on one line each."""
    return _WITHIN_A_NUMBER.sub(_NO_BREAK, text)


def _kind(text: str) -> str | None:
    """Return the class of a cell: a verdict, a long text, or nothing special."""
    return tone_of(text) or ("long" if len(text) > _LONG else None)
