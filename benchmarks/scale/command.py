"""The options of ``fivefold scale``."""

import os
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.commands.shared import PayloadBytes, TodosPerUser, Writes
from benchmarks.export.markdown import to_markdown
from benchmarks.export.terminal import print_page
from benchmarks.scale.question import PROCESSES, RATES, Question
from benchmarks.scale.view import page

_DEFAULT = Question()


def scale(
    *,
    rate: Annotated[
        list[float] | None, typer.Option(help="requests per second; repeat for several")
    ] = None,
    hit_ratio: Annotated[
        float, typer.Option(help="share of reads that hit, 0.9 for 90 %")
    ] = _DEFAULT.hit_ratio,
    writes: Writes = _DEFAULT.writes,
    per_user: Annotated[
        float, typer.Option(help="requests per second of one user")
    ] = _DEFAULT.per_user,
    todos_per_user: TodosPerUser = _DEFAULT.todos_per_user,
    payload_bytes: PayloadBytes = _DEFAULT.payload_bytes,
    busy: Annotated[
        float, typer.Option(help="share of its time that a core may work")
    ] = _DEFAULT.busy,
    node_gib: Annotated[
        float, typer.Option(help="memory of a Redis node, in GiB")
    ] = _DEFAULT.node_gib,
    processes: Annotated[
        list[int] | None, typer.Option(help="processes with a lease; repeat for several")
    ] = None,
    lease: Annotated[float, typer.Option(help="CACHE_LEASE_SECONDS")] = _DEFAULT.lease_s,
    closings: Annotated[
        float, typer.Option(help="how often a day one process loses Redis, alone")
    ] = _DEFAULT.closings,
    database_cores: Annotated[
        int, typer.Option(help="cores of the database that leases are renewed on")
    ] = _DEFAULT.database_cores,
    cost: Annotated[
        list[str] | None,
        typer.Option(help="NAME=MS: what an operation costs, by the names of the last table"),
    ] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="measure the costs here first; about two minutes")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="print Markdown")] = False,
) -> None:
    """Say how many workers, and how much Redis and MongoDB, a rate of requests takes."""
    question = Question(
        rates=rate or RATES,
        hit_ratio=hit_ratio,
        writes=writes,
        per_user=per_user,
        todos_per_user=todos_per_user,
        payload_bytes=payload_bytes,
        busy=busy,
        node_gib=node_gib,
        processes=processes or PROCESSES,
        lease_s=lease,
        closings=closings,
        database_cores=database_cores,
    )
    console = Console()
    if measure:
        # What starts servers is not needed for arithmetic.
        from benchmarks.scale.measure import measured  # noqa: PLC0415

        question = measured(question, os.environ, console)
    question = question.costing(cost or ())
    if markdown:
        typer.echo(to_markdown(page(question)), nl=False)
    else:
        print_page(page(question), console)
