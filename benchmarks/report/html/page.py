"""``report.html``: the whole report as one file; the same results and figures give the same bytes.

The texts and tables are those of ``report.md`` and the terminal, in another order: the verdict
comes first.
"""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.html.parts import PagePart, templates
from benchmarks.report.metadata import of_the_database
from benchmarks.report.page import Page, Section, SectionKind
from benchmarks.report.tones import variables
from benchmarks.report.view import page

_HERE = Path(__file__).parent
_OPEN = 6
"""The number of figures in sight; the others are one click away."""


def to_html(results: Results, figures: Sequence[Figure]) -> str:
    """Return the page with the figures in their order."""
    report = page(results)
    # The style sheet is a file of this package, not a value of the run.
    css = Markup(variables() + (_HERE / "style.css").read_text(encoding="utf-8"))  # noqa: S704
    return (
        templates(_HERE)
        .get_template("page.html.j2")
        .render(
            title=report.title,
            headline=report.headline,
            lead=report.lead,
            css=css,
            parts=_parts(results, report, figures),
        )
    )


def _parts(results: Results, report: Page, figures: Sequence[Figure]) -> list[PagePart]:
    parts = [
        PagePart(
            id="verdict",
            heading="Verdict",
            lead=report.lead,
            answer=report.answer,
            remarks=of_the_database(results.environment, results.models),
            sections=[*_of(report, "verdicts"), *_of(report, "wrong answers")],
        ),
        PagePart(
            id="figures",
            heading="Figures",
            figures=figures[:_OPEN],
            more=figures[_OPEN:],
        ),
        PagePart(
            id="numbers",
            heading="Numbers",
            folded="Every scenario, regime and variant",
            sections=_of(report, "measured"),
        ),
        PagePart(
            id="trust",
            heading="Checks and limits",
            sections=_of(report, "checks", "limits"),
        ),
        PagePart(
            id="method",
            heading="Method and environment",
            folded="How it was measured, and on what",
            sections=_of(report, "machine"),
        ),
    ]
    return [part for part in parts if part.lead or part.figures or part.sections]


def _of(report: Page, *kinds: SectionKind) -> list[Section]:
    """Return the sections of these kinds, in the order of the report."""
    return [section for section in report.sections if section.kind in kinds]
