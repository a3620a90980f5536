"""Commands that run services until they are stopped, or break them on purpose."""

import os
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from benchmarks.cli.shared import Port
from benchmarks.coherence.verify import run as chaos
from benchmarks.stack import run
from benchmarks.storage.usage import DEFAULT_SEED, UsageError


class OnOff(StrEnum):
    """The Redis layer, on or off."""

    ON = "on"
    OFF = "off"


def serve(
    *,
    cache: Annotated[OnOff | None, typer.Option(help="default: CACHE_ENABLED, else on")] = None,
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64)] = 1,
) -> None:
    """Run one service until Ctrl-C; servers that no URL names are started beside it."""
    enabled = _enabled_by_environment() if cache is None else cache is OnOff.ON
    raise typer.Exit(run.serve(cache=enabled, port=port, workers=workers, environ=os.environ))


def up(
    *,
    cached_port: Port = 8000,
    uncached_port: Port = 8001,
    locust_port: Port = 8089,
    locust: Annotated[bool, typer.Option(help="the page to put both under load")] = True,
) -> None:
    """Run the cached and the uncached service side by side, and Locust's page, until Ctrl-C."""
    code = run.up(
        cached_port=cached_port,
        uncached_port=uncached_port,
        locust_port=locust_port if locust else None,
        environ=os.environ,
    )
    raise typer.Exit(code)


def verify(
    *,
    seconds: Annotated[float, typer.Option(min=5, help="how long to write, read and break")] = 60,
    variant: Annotated[
        str, typer.Option(help="cached; naive, or another rival, to see it caught")
    ] = "cached",
    seed: Annotated[int, typer.Option(help="draws the operations and the faults")] = DEFAULT_SEED,
    workers: Annotated[int, typer.Option(min=1, max=16, help="service processes")] = 4,
    replicas: Annotated[
        int | None,
        typer.Option(min=2, max=16, help="so many service processes behind one address instead"),
    ] = None,
    clients: Annotated[int, typer.Option(min=1, max=64)] = 16,
) -> None:
    """Break Redis under load, and check every read for being older than it may be."""
    raise typer.Exit(
        chaos.verify(
            seconds=seconds,
            variant=variant,
            seed=seed,
            workers=workers,
            replicas=replicas,
            clients=clients,
            environ=os.environ,
            console=Console(),
        )
    )


def _enabled_by_environment() -> bool:
    try:
        return TypeAdapter(bool).validate_python(os.environ.get("CACHE_ENABLED", "true"))
    except ValidationError:
        raise UsageError("CACHE_ENABLED: takes true or false") from None
