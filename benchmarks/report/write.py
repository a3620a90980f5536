"""The files of a run's report, all from its results."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.report.figure import Figure
from benchmarks.report.markdown import to_markdown
from benchmarks.report.page import Page, Published
from benchmarks.storage.plain import to_json
from benchmarks.storage.run_folder import Run

if TYPE_CHECKING:
    # They need numpy, which takes as long to import as all options to be read.
    from benchmarks.analysis.findings import Finding
    from benchmarks.report.computed import Results


def draw_figures(results: "Results") -> Sequence[Figure]:
    """Return the figures of a report; see ``benchmarks.report.plots``."""
    # Matplotlib takes half a second to import, and is needed at the end of a run at the earliest.
    from benchmarks.report.plots import figures  # noqa: PLC0415

    return figures(results)


def write_report(
    run: Run, results: "Results", *, draw: "Callable[[Results], Sequence[Figure]]" = draw_figures
) -> Published:
    """Write results, report and figures into the folder, all or nothing; raises ``OSError``."""
    published, texts = report_files(run, results, draw=draw)
    run.write_all(texts)
    return published


def report_files(
    run: Run, results: "Results", *, draw: "Callable[[Results], Sequence[Figure]]" = draw_figures
) -> tuple[Published, Mapping[Path, str]]:
    """Return what results come to, and the texts of their report and of its figures."""
    # Templates and numpy take as long to import as all options to be read, and are for the end.
    from benchmarks.report.html.page import to_html  # noqa: PLC0415
    from benchmarks.report.view import page  # noqa: PLC0415

    written, drawn = page(results), draw(results)
    texts = {
        run.results_file: to_json(results),
        run.path / "report.md": to_markdown(written),
        run.path / "report.html": to_html(results, drawn),
        **_figure_files(run, drawn),
    }
    asked = [verdict for verdict in results.verdicts if verdict.asked]
    published = Published(
        written,
        check_failed=bool(failed_checks(results.checks)),
        not_held=_named(asked, "not reproduced"),
        undecided=_named(asked, "inconclusive"),
    )
    return published, texts


def page_files(run: Run, page: Page, figures: Sequence[Figure] = ()) -> Mapping[Path, str]:
    """Return the texts of a page with its figures below it, and of each figure's own files."""
    shown = [figure.markdown(f"{run.figures.name}/{figure.name}.svg") for figure in figures]
    return {run.path / "report.md": "\n".join([to_markdown(page), *shown])} | _figure_files(
        run, figures
    )


def _figure_files(run: Run, figures: Sequence[Figure]) -> dict[Path, str]:
    return {
        run.figures / f"{figure.name}.{kind}": text
        for figure in figures
        for kind, text in (("svg", figure.svg), ("csv", figure.csv()))
    }


def _named(verdicts: "list[Finding]", decision: str) -> tuple[str, ...]:
    return tuple(
        f"{verdict.claim} ({verdict.text}) for {verdict.variant} in {verdict.regime}"
        for verdict in verdicts
        if verdict.verdict == decision
    )
