"""Commands that run services, or look at the machine; what does so is imported when one runs."""

import os
from enum import StrEnum
from typing import Annotated, Any

import typer

from benchmarks.cli.shared import AsJson
from benchmarks.storage.usage import UsageError


class OnOff(StrEnum):
    """The Redis layer, on or off."""

    ON = "on"
    OFF = "off"


def _port_of(whose: str) -> Any:
    return typer.Option(min=1, max=65_535, help=f"Port of {whose}.")


def serve(
    *,
    cache: Annotated[
        OnOff | None,
        typer.Option(help="Whether Redis is used; CACHE_ENABLED unless given."),
    ] = None,
    port: Annotated[int, _port_of("the service")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the port.")] = 1,
) -> None:
    """Run one service until Ctrl-C.

    It uses MONGODB_URL and REDIS_URL; a server that no URL names is started beside it.
    """
    enabled = _enabled_by_environment() if cache is None else cache is OnOff.ON
    from benchmarks.stack import run

    run.serve(cache=enabled, port=port, workers=workers, environ=os.environ)


def up(
    *,
    cached_port: Annotated[int, _port_of("the service with Redis")] = 8000,
    uncached_port: Annotated[int, _port_of("the service without")] = 8001,
    locust_port: Annotated[int, _port_of("Locust and of the live page")] = 8089,
    locust: Annotated[bool, typer.Option(help="Whether Locust and the live page run.")] = True,
) -> None:
    """Run both services side by side, and Locust with the live page, until Ctrl-C."""
    from benchmarks.stack import run

    run.up(
        cached_port=cached_port,
        uncached_port=uncached_port,
        locust_port=locust_port if locust else None,
        environ=os.environ,
    )


def doctor(
    *,
    seconds: Annotated[
        float, typer.Option(help="Seconds to watch the machine, 0 to leave that out.")
    ] = 5.0,
    json: AsJson = False,
) -> None:
    """Look at the installed versions, the servers and how quiet the machine is."""
    from benchmarks.doctor.run import doctor as check_machine

    raise typer.Exit(check_machine(environ=os.environ, seconds=seconds, json=json))


def _enabled_by_environment() -> bool:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(bool).validate_python(os.environ.get("CACHE_ENABLED", "true"))
    except ValidationError:
        raise UsageError("CACHE_ENABLED: takes true or false") from None
