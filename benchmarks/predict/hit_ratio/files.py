"""The folder of a hit ratio: results, report, figures."""

from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks.analysis.checks.check import failed_checks, stored_checks
from benchmarks.predict.hit_ratio.curves import AXES
from benchmarks.predict.hit_ratio.points import ASKED
from benchmarks.predict.hit_ratio.results import from_json
from benchmarks.predict.hit_ratio.view import page
from benchmarks.report.markdown import to_markdown
from benchmarks.report.page import Published
from benchmarks.report.results import Results, ResultsUnreadable, to_json
from benchmarks.report.terminal import print_page
from benchmarks.runner.job import FINE
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError

PROFILE = "hit-ratio"
"""In the names of the folders."""


def write_files(run: Run, results: Results) -> Published:
    """Write the results and everything that follows from them; raises ``OSError``."""
    run.write(run.results_file, to_json(results))
    return _render(run, results)


def _render(run: Run, results: Results) -> Published:
    # Drawing is slow to import, and who only wants the table need not wait for it.
    from benchmarks.predict.hit_ratio.figures import figures  # noqa: PLC0415

    written, parts = page(results), []
    run.figures.mkdir(parents=True, exist_ok=True)
    for figure in figures(results):
        place = Path(run.figures.name) / f"{figure.name}.svg"
        run.write(run.path / place, figure.svg)
        run.write(run.figures / f"{figure.name}.csv", figure.csv())
        parts.append(f"## {figure.title}\n\n![{figure.alt}]({place})\n\n*{figure.caption}*\n")
    run.write(run.report_file, "\n".join([to_markdown(written), *parts]))
    return Published(written, check_failed=bool(failed_checks(results)))


def read(folder: Path) -> Results:
    """Return the results in a folder; raises ``UsageError`` without any.

    Earlier runs also measured points whose Redis was too small; nothing foresees them any more.
    """
    try:
        results = from_json(Run(folder).results_file.read_text(encoding="utf-8"))
    except (OSError, ResultsUnreadable) as error:
        raise UsageError(f"{folder} is not the folder of a hit ratio: {error}") from error
    points = [point for point in results["points"] if point["axis"] in {ASKED, *AXES}]
    names = {point["name"] for point in points}
    checks = [asdict(check) for check in stored_checks(results) if check.scenario in names]
    return results | {"points": points, "checks": checks}


def report_hit_ratio(folder: Path, *, console: Console | None = None) -> int:
    """Draw and print stored hit ratios again: same data, same bytes.

    Returns 0. Raises ``UsageError`` when the folder does not hold them.
    """
    published = _render(Run(folder), read(folder))
    print_page(published.page, console or Console())
    return FINE
