"""Commands that read what was measured; what reads is imported when one of them runs."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cli.shared import AsJson, RunDir, of_path


def report(
    path: Annotated[
        Path,
        typer.Argument(
            help="Folder of a stored run, such as reports/latest, or saved micro-benchmarks, such "
            "as .benchmarks/latest.json.",
            metavar="RUN",
            parser=of_path,
        ),
    ],
    *,
    json: AsJson = False,
) -> None:
    """Render the report of a stored run again, without any server."""
    from benchmarks.cli.rendering import render_path

    raise typer.Exit(render_path(path, json=json))


def diff(
    run_a: RunDir,
    run_b: RunDir,
    *,
    fail_on_change: Annotated[
        bool, typer.Option(help="Whether the exit code is 1 when a ratio became worse.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Compare two stored runs: what changed, what did not, and what stays undecided."""
    from benchmarks.diff.run import diff as compare_runs

    raise typer.Exit(compare_runs(run_a, run_b, fail_on_change=fail_on_change, json=json))
