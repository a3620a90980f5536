"""The folder of a hit ratio: results, report, figures."""

from pathlib import Path

from benchmarks.export.markdown import to_markdown
from benchmarks.export.results import Results, failed_guards, to_json
from benchmarks.hit_ratio.view import page
from benchmarks.job import Published
from benchmarks.runs import Run

PROFILE = "hit-ratio"
"""In the names of the folders."""


def write_files(run: Run, results: Results) -> Published:
    """Write everything that follows from the results into the folder; raises ``OSError``."""
    # Drawing is slow to import, and who only wants the table need not wait for it.
    from benchmarks.hit_ratio.figures import figures  # noqa: PLC0415

    written, parts = page(results), []
    run.figures.mkdir(parents=True, exist_ok=True)
    for figure in figures(results):
        place = Path(run.figures.name) / f"{figure.name}.svg"
        run.write(run.path / place, figure.svg)
        run.write(run.figures / f"{figure.name}.csv", figure.csv())
        parts.append(f"## {figure.title}\n\n![{figure.alt}]({place})\n\n*{figure.caption}*\n")
    run.write(run.results_file, to_json(results))
    run.write(run.report_file, "\n".join([to_markdown(written), *parts]))
    return Published(written, check_failed=bool(failed_guards(results)))
