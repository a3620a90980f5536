"""Commands that predict: is a cache worth it, and how often will it hit."""

import os
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.cli.shared import PayloadBytes, Seed, TodosPerUser, Writes
from benchmarks.predict.advise.question import NUMBERS, Question
from benchmarks.predict.advise.run import advise as give_advice
from benchmarks.predict.hit_ratio import run
from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.storage.usage import DEFAULT_SEED

_DEFAULT = HitRatioQuestion()


def advise(
    run_dir: Annotated[Path | None, typer.Argument(help="such as reports/latest")] = None,
    *,
    regime: Annotated[str | None, typer.Option(help="of the run; native if it has it")] = None,
    variant: Annotated[str | None, typer.Option(help="of the run; cached if it has it")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the advice")] = None,
    **numbers: Any,
) -> None:
    """Say whether a cache pays, for a stored run or for numbers of your own; all are optional.

    With --rate also how many workers, Redis nodes and database cores so many requests take.
    """
    question = Question.asked(run_dir, regime=regime, variant=variant, out=out, **numbers)
    raise typer.Exit(give_advice(question))


def _with_numbers(named: Signature) -> Signature:
    """Put an option for each number of a question in the place of the last parameter."""
    *first, out, _ = named.parameters.values()
    numbers = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[number.kind | None, typer.Option(help=number.meaning)],
        )
        for name, number in NUMBERS.items()
    ]
    return named.replace(parameters=[*first, *numbers, out])


advise.__signature__ = _with_numbers(signature(advise))  # type: ignore[attr-defined]


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
