"""The ``fivefold`` command: a table of contents. Parse, run, exit with the code of the contract.

Exit codes: 0 fine, 1 an asked claim does not hold, 2 usage, 3 inconclusive, 4 something broke.
"""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from benchmarks import compare as comparison
from benchmarks import report as rendering
from benchmarks.capacity import run as ladder
from benchmarks.capacity import soak as soaking
from benchmarks.capacity.options import LADDER, CapacityOptions, SoakOptions, parse_connections
from benchmarks.micro.report import micro_report as print_micro_report
from benchmarks.options import DEFAULT_OUT, DEFAULT_SEED, CompareOptions, UsageError
from benchmarks.stack import run
from benchmarks.stack.errors import StackError
from benchmarks.targets.options import TargetOptions
from benchmarks.targets.run import compare_targets
from benchmarks.verify import run as chaos

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

_USAGE, _BROKEN = 2, 4
_WIDE = 132
_LADDER = ",".join(map(str, LADDER))


class Flag(StrEnum):
    """The Redis layer, on or off."""

    ON = "on"
    OFF = "off"


Port = Annotated[int, typer.Option(min=1, max=65_535)]
Several = Annotated[list[str] | None, typer.Option(help="repeat for several")]
Out = Annotated[Path, typer.Option(help="folder of the reports")]


@app.command()
def compare(
    *,
    profile: Annotated[str, typer.Option(help="quick or full")] = "quick",
    scenario: Several = None,
    variant: Several = None,
    target: Annotated[
        list[str] | None,
        typer.Option(help="a running service, NAME=URL; repeat, with --scenario FILE.py"),
    ] = None,
    claim: Annotated[
        list[str] | None,
        typer.Option(help='one more to judge, such as "cached/uncached p50 >= 5"; exit 1 if not'),
    ] = None,
    fail_on: Annotated[
        list[str] | None, typer.Option(help="exit 1 unless it holds: C1, or C1@native")
    ] = None,
    seed: Annotated[int, typer.Option(help="draws the data and the order")] = DEFAULT_SEED,
    users: Annotated[int | None, typer.Option(help="how many users")] = None,
    todos_per_user: Annotated[int | None, typer.Option(help="how many todos each")] = None,
    payload_bytes: Annotated[int | None, typer.Option(help="size of a todo's text")] = None,
    restarts: Annotated[int | None, typer.Option(help="how often all services start")] = None,
    blocks: Annotated[int | None, typer.Option(help="blocks of each variant, at most")] = None,
    probe_seconds: Annotated[
        float | None, typer.Option(help="how long each variant's answers are checked")
    ] = None,
    out: Out = DEFAULT_OUT,
) -> None:
    """Measure the variants in interleaved blocks and say what holds."""
    if target:
        other = {"--variant": variant, "--users": users, "--todos-per-user": todos_per_user}
        raise typer.Exit(
            compare_targets(
                TargetOptions.asked_for(
                    target,
                    scenario or (),
                    profile=profile,
                    claims=claim or (),
                    fail_on=fail_on or (),
                    seed=seed,
                    out=out,
                    useless=[name for name, value in other.items() if value is not None],
                )
            )
        )
    options = CompareOptions.from_profile(
        profile,
        scenarios=scenario or (),
        variants=variant or (),
        claims=claim or (),
        fail_on=fail_on or (),
        seed=seed,
        users=users,
        todos_per_user=todos_per_user,
        payload_bytes=payload_bytes,
        restarts=restarts,
        blocks=blocks,
        probe_seconds=probe_seconds,
        out=out,
    )
    raise typer.Exit(comparison.compare(options, os.environ))


@app.command()
def report(run_dir: Annotated[Path, typer.Argument(help="such as reports/latest")]) -> None:
    """Render the report of a stored run again; needs no servers."""
    raise typer.Exit(rendering.report(run_dir))


@app.command()
def capacity(
    *,
    variant: Several = None,
    connections: Annotated[str, typer.Option(help="numbers of connections")] = _LADDER,
    rounds: Annotated[int, typer.Option(help="how often each step is taken")] = 3,
    seconds: Annotated[float, typer.Option(help="how long a step takes")] = 1.0,
    seed: Annotated[int, typer.Option(help="draws the data and the order")] = DEFAULT_SEED,
    users: Annotated[int, typer.Option(help="how many users")] = 100,
    todos_per_user: Annotated[int, typer.Option(help="how many todos each")] = 20,
    payload_bytes: Annotated[int, typer.Option(help="size of a todo's text")] = 100,
    out: Out = DEFAULT_OUT,
) -> None:
    """Find out how many warm reads per second each variant answers."""
    options = CapacityOptions.asked(
        variants=variant or (),
        connections=parse_connections(connections),
        rounds=rounds,
        seconds=seconds,
        seed=seed,
        users=users,
        todos_per_user=todos_per_user,
        payload_bytes=payload_bytes,
        out=out,
    )
    raise typer.Exit(ladder.capacity(options, os.environ))


@app.command()
def soak(
    *,
    variant: Annotated[str, typer.Option(help="the one variant to load")] = "cached",
    requests: Annotated[int, typer.Option(help="how many warm reads")] = 1_000_000,
    connections: Annotated[int, typer.Option(help="how many at a time")] = 8,
) -> None:
    """Send many requests to one variant and watch its memory."""
    options = SoakOptions(variant=variant, requests=requests, connections=connections)
    raise typer.Exit(soaking.soak(options, os.environ))


@app.command()
def micro_report(
    file: Annotated[Path, typer.Argument(help="such as .benchmarks/latest.json")],
) -> None:
    """Print saved micro-benchmarks: each layer, cached, uncached and naive side by side."""
    # A narrow terminal wraps the lines; cells would be cut instead.
    console = Console(width=max(Console().width, _WIDE))
    raise typer.Exit(print_micro_report(file, console))


@app.command()
def serve(
    *,
    cache: Annotated[Flag | None, typer.Option(help="default: CACHE_ENABLED, else on")] = None,
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64)] = 1,
) -> None:
    """Run one service until Ctrl-C; servers that no URL names are started beside it."""
    enabled = _enabled_by_environment() if cache is None else cache is Flag.ON
    raise typer.Exit(run.serve(cache=enabled, port=port, workers=workers, environ=os.environ))


@app.command()
def up(*, cached_port: Port = 8000, uncached_port: Port = 8001) -> None:
    """Run the cached and the uncached service side by side until Ctrl-C."""
    code = run.up(cached_port=cached_port, uncached_port=uncached_port, environ=os.environ)
    raise typer.Exit(code)


@app.command()
def verify(
    *,
    seconds: Annotated[float, typer.Option(min=5, help="how long to write, read and break")] = 60,
    variant: Annotated[
        str, typer.Option(help="cached or cached+local; naive, or another rival, to see it caught")
    ] = "cached",
    seed: Annotated[int, typer.Option(help="draws the operations and the faults")] = DEFAULT_SEED,
    workers: Annotated[int, typer.Option(min=1, max=16, help="service processes")] = 4,
    clients: Annotated[int, typer.Option(min=1, max=64)] = 16,
) -> None:
    """Break Redis under load, and check every read for being older than it may be."""
    raise typer.Exit(
        chaos.verify(
            seconds=seconds,
            variant=variant,
            seed=seed,
            workers=workers,
            clients=clients,
            environ=os.environ,
            console=Console(),
        )
    )


def main() -> None:
    """Run the command; a foreseen failure is one sentence and an exit code."""
    try:
        app()
    except UsageError as error:
        _fail(error, _USAGE)
    except StackError as error:
        _fail(error, _BROKEN)


def _enabled_by_environment() -> bool:
    try:
        return TypeAdapter(bool).validate_python(os.environ.get("CACHE_ENABLED", "true"))
    except ValidationError:
        raise UsageError("CACHE_ENABLED: takes true or false") from None


def _fail(error: Exception, code: int) -> None:
    Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
    sys.exit(code)
