"""``report.html``: the whole report as one file; the same results and figures give the same bytes.

The texts and tables are those of ``report.md`` and the terminal, in another order: the verdict
comes first.
"""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.report.figure import Figure
from benchmarks.report.html.method import method
from benchmarks.report.html.parts import PagePart, drawing, texts
from benchmarks.report.html.remarks import remarks
from benchmarks.report.html.theme import variables
from benchmarks.report.page import Page, Section
from benchmarks.report.results import Results
from benchmarks.report.view import page

_HERE = Path(__file__).parent
_FIRST_FIGURE = "forest"
_VERDICT = ("Verdicts", "Wrong answers")
_TRUST = ("Checks", "What to keep in mind")
_ABOUT = ("The claim's own arithmetic", "Variants", "Environment")
_OF_A_SCENARIO = ("One ", "The hit path", "The price of ", "Mixes: how much faster")


def to_html(results: Results, figures: Sequence[Figure]) -> str:
    """Return the page; ``figures`` are shown in their order, the forest plot with the verdict."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    report = page(results)
    # The style sheet is a file of this package, not a value of the run.
    css = Markup(variables() + (_HERE / "style.css").read_text(encoding="utf-8"))  # noqa: S704
    return environment.get_template("page.html.j2").render(
        title=report.title,
        headline=report.headline,
        lead=report.lead,
        css=css,
        parts=_parts(results, report, figures),
    )


def _parts(results: Results, report: Page, figures: Sequence[Figure]) -> list[PagePart]:
    sections = report.sections
    first = [figure for figure in figures if figure.name == _FIRST_FIGURE]
    others = [figure for figure in figures if figure.name != _FIRST_FIGURE]
    placed = {*_VERDICT, *_TRUST, *_ABOUT}
    measured = [section for section in sections if section.heading not in placed]
    parts = [
        PagePart(
            id="verdict",
            heading="Verdict",
            lead=report.lead,
            remarks=remarks(results),
            figures=[drawing(figure) for figure in first],
            sections=texts(_named(sections, _VERDICT)),
        ),
        PagePart(id="figures", heading="Figures", figures=[drawing(figure) for figure in others]),
        PagePart(id="numbers", heading="Numbers", sections=texts(measured, below=_OF_A_SCENARIO)),
        PagePart(id="trust", heading="Checks and limits", sections=texts(_named(sections, _TRUST))),
        PagePart(
            id="method",
            heading="Method and environment",
            sections=texts([*method(results), *_named(sections, _ABOUT)]),
        ),
    ]
    return [part for part in parts if part.lead or part.figures or part.sections]


def _named(sections: Sequence[Section], headings: Sequence[str]) -> list[Section]:
    by_heading = {section.heading: section for section in sections}
    return [by_heading[heading] for heading in headings if heading in by_heading]
