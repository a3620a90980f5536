"""The options of ``fivefold hit-ratio``."""

import os
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cli.shared import PayloadBytes, Seed, TodosPerUser, Writes
from benchmarks.predict.hit_ratio import run
from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.storage.usage import DEFAULT_SEED

_DEFAULT = HitRatioQuestion()


def hit_ratio(
    *,
    users: Annotated[int, typer.Option(help="how many users")] = _DEFAULT.users,
    skew: Annotated[
        float, typer.Option(help="how unequal they are: Zipf exponent, 0 for all alike")
    ] = _DEFAULT.skew,
    ttl: Annotated[float, typer.Option(help="seconds that a list lives")] = _DEFAULT.ttl_s,
    writes: Writes = _DEFAULT.writes,
    rate: Annotated[
        float, typer.Option(help="operations per second of all users together")
    ] = _DEFAULT.rate,
    todos_per_user: TodosPerUser = _DEFAULT.todos_per_user,
    payload_bytes: PayloadBytes = _DEFAULT.payload_bytes,
    measure: Annotated[
        bool, typer.Option("--measure", help="measure points of the curves; some minutes")
    ] = False,
    seconds: Annotated[float, typer.Option(help="of each measured point")] = _DEFAULT.seconds,
    seed: Seed = DEFAULT_SEED,
    out: Annotated[
        Path | None, typer.Option(help="folder of the reports; measured ones go to reports")
    ] = None,
) -> None:
    """Say which part of the reads a cache answers, and what limits that."""
    question = HitRatioQuestion(
        users=users,
        skew=skew,
        ttl_s=ttl,
        writes=writes,
        rate=rate,
        todos_per_user=todos_per_user,
        payload_bytes=payload_bytes,
        measure=measure,
        seconds=seconds,
        seed=seed,
        out=out,
    )
    raise typer.Exit(run.hit_ratio(question, os.environ))
