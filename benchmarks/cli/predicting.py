"""Commands that predict; what predicts is imported when one of them runs, not for their help."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.cli.shared import AsJson, flag, given, of_path, option, takes
from benchmarks.predict.advise.question import NUMBERS, Number, Question
from benchmarks.predict.hit_ratio.question import HitRatioQuestion


def _sentence(number: Number) -> str:
    assumed = "" if number.assumed is None else f"; {number.assumed:g} unless given or measured"
    return f"{number.meaning[0].upper()}{number.meaning[1:]}{assumed}."


_NUMBERS: dict[str, Any] = {
    name: option(number.kind, _sentence(number)) for name, number in NUMBERS.items()
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


_USUAL = HitRatioQuestion()
OF_HIT_RATIO: Mapping[str, Any] = {
    "users": option(int, f"Number of users, {_USUAL.users} unless given."),
    "skew": option(
        float,
        f"Zipf exponent of how unequal users are, 0 for all alike; {_USUAL.skew:g} unless given.",
    ),
    "ttl": option(float, f"Seconds that a cached list lives, {_USUAL.ttl_s:g} unless given."),
    "writes": option(
        float,
        f"Share of writes among all operations, 0.1 for 10 %; {_USUAL.writes:g} unless given.",
    ),
    "rate": option(
        float, f"Operations per second of all users together, {_USUAL.rate:g} unless given."
    ),
    "measure": flag("--measure", "Measure points of the curves too; takes minutes."),
    "seconds": option(float, f"Seconds of each measured point, {_USUAL.seconds:g} unless given."),
    "seed": option(int, f"Seed of the data and of the order, {_USUAL.seed} unless given."),
    "out": option(
        Path,
        "Folder of the reports of --measure; reports unless given.",
        "FOLDER",
        parser=of_path,
    ),
}


@takes(OF_HIT_RATIO, before="json")
def hit_ratio(*, json: AsJson = False, **asked: Any) -> None:
    """Predict the share of reads that a cache answers, and the TTL that a share takes."""
    question = HitRatioQuestion(
        **{"ttl_s" if name == "ttl" else name: value for name, value in given(asked).items()}
    )
    from benchmarks.predict.hit_ratio import run

    raise typer.Exit(run.hit_ratio(question, os.environ, json=json))
