"""Commands that predict; what predicts is imported when one of them runs, not for their help."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.cli.shared import (
    AsJson,
    Seed,
    Users,
    of_path,
    takes,
)
from benchmarks.predict.advise.question import NUMBERS, Number, Question
from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.storage.usage import DEFAULT_SEED

_DEFAULT: dict[str, Any] = {each.name: each.default for each in fields(HitRatioQuestion)}


def _sentence(number: Number) -> str:
    assumed = "" if number.assumed is None else f"; {number.assumed:g} unless given or measured"
    return f"{number.meaning[0].upper()}{number.meaning[1:]}{assumed}."


_NUMBERS: dict[str, Any] = {
    name: Annotated[number.kind | None, typer.Option(help=_sentence(number))]
    for name, number in NUMBERS.items()
}


@takes(_NUMBERS, before="json")
def advise(
    run_dir: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of a stored run, such as reports/latest, whose figures are taken where "
            "no option gives one.",
            metavar="RUN",
            parser=of_path,
        ),
    ] = None,
    *,
    json: AsJson = False,
    **numbers: Any,
) -> None:
    """Say whether a cache is worth it, for your numbers or for a stored run.

    The answer names each number that it assumes. With --rate it adds how many workers, Redis nodes
    and database cores that rate needs.
    """
    question = Question.asked(run_dir, **numbers)
    from benchmarks.predict.advise.page import advise as give_advice

    raise typer.Exit(give_advice(question, json=json))


Skew = Annotated[
    float, typer.Option(help="Zipf exponent of how unequal users are, 0 for all alike.")
]
Ttl = Annotated[float, typer.Option(help="Seconds that a cached list lives.")]
Writes = Annotated[float, typer.Option(help="Share of writes among all operations, 0.1 for 10 %.")]
Rate = Annotated[float, typer.Option(help="Operations per second of all users together.")]
Measure = Annotated[
    bool, typer.Option("--measure", help="Measure points of the curves too; takes minutes.")
]
PointSeconds = Annotated[float, typer.Option(help="Seconds of each measured point.")]
OutOfMeasured = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the reports of --measure; reports unless given.",
        metavar="FOLDER",
        parser=of_path,
    ),
]


def hit_ratio(
    *,
    users: Users = _DEFAULT["users"],
    skew: Skew = _DEFAULT["skew"],
    ttl: Ttl = _DEFAULT["ttl_s"],
    writes: Writes = _DEFAULT["writes"],
    rate: Rate = _DEFAULT["rate"],
    measure: Measure = False,
    seconds: PointSeconds = _DEFAULT["seconds"],
    seed: Seed = DEFAULT_SEED,
    out: OutOfMeasured = None,
    json: AsJson = False,
) -> None:
    """Predict the share of reads that a cache answers, and the TTL that a share takes."""
    question = HitRatioQuestion(
        users=users,
        skew=skew,
        ttl_s=ttl,
        writes=writes,
        rate=rate,
        measure=measure,
        seconds=seconds,
        seed=seed,
        out=out,
    )
    from benchmarks.predict.hit_ratio import run

    raise typer.Exit(run.hit_ratio(question, os.environ, json=json))
