"""Commands that read what was measured or prove what is promised; each imports what does so."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.cli.shared import AsJson, Out, RunDir, of_names, of_path
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED, choice
from benchmarks.variants.registry import CACHING, SERVICES


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


def verify(
    *,
    seconds: Annotated[
        float, typer.Option(min=5, help="Seconds to write, to read and to break Redis.")
    ] = 60,
    variant: Annotated[str, of_names("Variant to verify", CACHING)] = "cached",
    seed: Annotated[
        int, typer.Option(help="Seed of the random operations and faults.")
    ] = DEFAULT_SEED,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Processes of the service.")] = 4,
    replicas: Annotated[
        int | None,
        typer.Option(
            min=2, max=16, help="This many processes behind one address instead of --workers."
        ),
    ] = None,
    clients: Annotated[
        int, typer.Option(min=1, max=64, help="Clients that write and read at the same time.")
    ] = 16,
    json: AsJson = False,
) -> None:
    """Break Redis under load, and check that no read is older than it may be."""
    chosen = CACHING[choice("variant", variant, CACHING)]
    from benchmarks.coherence.verify import run

    options = run.Options(
        seconds=seconds,
        variant=chosen,
        seed=seed,
        workers=replicas or workers,
        clients=clients,
        one_address=replicas is not None,
    )
    raise typer.Exit(run.verify(options, os.environ, Console(stderr=json), json=json))


def race(
    *,
    variant: Annotated[
        list[str] | None,
        of_names("Variant to play it on, naive and cached unless given; can be repeated", SERVICES),
    ] = None,
    out: Out = DEFAULT_OUT,
) -> None:
    """Play the race of a read and a write on two real processes, and draw what happened."""
    from benchmarks.coherence.race import run

    raise typer.Exit(run.race(variant or (), out, os.environ))
