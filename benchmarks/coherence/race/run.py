"""``fivefold race``: run it with every variant that was asked for, publish, say what it showed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.coherence.fleet import own_database
from benchmarks.coherence.race.findings import Race, Recording, exit_code
from benchmarks.coherence.race.report import page, publish
from benchmarks.coherence.race.scenario import running_scenario
from benchmarks.report.terminal import print_page
from benchmarks.runner.ending import BROKEN, say, say_broken
from benchmarks.runner.environment import collect
from benchmarks.runner.job import BREAKS
from benchmarks.runner.services import DRIVER_ERRORS
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import sentence
from benchmarks.variants.registry import SERVICES, check_variants

DEFAULT = ("naive", "cached")
"""The one that has to be caught, and ours."""


def race(
    asked: Sequence[str], out: Path, environ: Mapping[str, str], console: Console | None = None
) -> int:
    """Run it with these variants, or the default ones, and print and write it.

    Returns 0, 1 when ours or the reference was stale, 3 when naive was not caught and so nothing
    is shown, or 4 when something broke or was interrupted; then nothing is written. Raises
    ``UsageError``, and ``OSError`` for a folder that cannot be written to, after printing it.
    """
    variants = tuple(dict.fromkeys(asked)) or DEFAULT
    check_variants(variants, SERVICES)
    check_out(out)
    console = console or Console()
    try:
        with terminate_as_interrupt(), console.status("Starting the servers") as status:
            recorded = record(variants, environ, status=status.update)
    except KeyboardInterrupt:
        say_broken("Stopped before the race was over; nothing is kept.")
        return BROKEN
    except (*BREAKS, *DRIVER_ERRORS) as error:
        say_broken(f"{sentence(error)}.")
        return BROKEN
    # First, so that it is seen also where it cannot be written.
    print_page(page(recorded), console)
    folder = publish(out, recorded, datetime.now(UTC))
    say(console, f"\nThe recording and its pictures are in {folder}")
    return exit_code(recorded.recordings)


def record(
    variants: Sequence[str], environ: Mapping[str, str], *, status: Callable[[str], object]
) -> Race:
    """Run the race with each variant, on databases and a Redis of its own.

    Only ``MONGODB_URL`` of the environment is used. Raises ``StackError`` and ``ClientError``
    when something does not start or a step does not come about.
    """
    recordings: list[Recording] = []
    for name in variants:
        status(f"Playing with {name}")
        with (
            own_database(environ) as (stack, database),
            running_scenario(SERVICES[name], stack, database) as scenario,
        ):
            recordings.append(scenario.perform())
            servers = replace(stack, redis=scenario.fleet.redis.server)
            environment = collect(servers, now=datetime.now(UTC))
    return Race(environment=environment, recordings=tuple(recordings))
