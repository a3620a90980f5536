"""The options of ``fivefold advise``."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.predict.advise.question import LIMITS, Question
from benchmarks.predict.advise.run import advise as give_advice


def _takes(name: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(help=LIMITS[name].meaning)
    return option


def advise(
    run_dir: Annotated[Path | None, typer.Argument(help="such as reports/latest")] = None,
    *,
    regime: Annotated[str | None, typer.Option(help="of the run; native if it has it")] = None,
    variant: Annotated[str | None, typer.Option(help="of the run; cached if it has it")] = None,
    db_ms: Annotated[float | None, _takes("db_ms")] = None,
    hit_ms: Annotated[float | None, _takes("hit_ms")] = None,
    app_ms: Annotated[float | None, _takes("app_ms")] = None,
    miss_ms: Annotated[float | None, _takes("miss_ms")] = None,
    hit_ratio: Annotated[float | None, _takes("hit_ratio")] = None,
    writes: Annotated[float | None, _takes("writes")] = None,
    write_ms: Annotated[float | None, _takes("write_ms")] = None,
    invalidation_ms: Annotated[float | None, _takes("invalidation_ms")] = None,
    spread: Annotated[float | None, _takes("spread")] = None,
    users: Annotated[int | None, _takes("users")] = None,
    rate: Annotated[float | None, _takes("rate")] = None,
    skew: Annotated[float | None, _takes("skew")] = None,
    ttl: Annotated[float | None, _takes("ttl")] = None,
    entry_bytes: Annotated[int | None, _takes("entry_bytes")] = None,
    want: Annotated[float | None, _takes("want")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the advice and its curve")] = None,
) -> None:
    """Say whether a cache pays, for a stored run or for numbers of your own; all are optional.

    With --rate also how many workers, Redis nodes and database cores so many requests take.
    """
    question = Question.asked(
        run_dir,
        regime=regime,
        variant=variant,
        db_ms=db_ms,
        hit_ms=hit_ms,
        app_ms=app_ms,
        miss_ms=miss_ms,
        hit_ratio=hit_ratio,
        writes=writes,
        write_ms=write_ms,
        invalidation_ms=invalidation_ms,
        spread=spread,
        users=users,
        rate=rate,
        skew=skew,
        ttl=ttl,
        entry_bytes=entry_bytes,
        want=want,
        out=out,
    )
    raise typer.Exit(give_advice(question))
