"""``fivefold race``: run it with every variant that was asked for, publish, say what it showed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console

from benchmarks.coherence.fleet import own_database
from benchmarks.coherence.race.findings import exit_code
from benchmarks.coherence.race.options import CHOICES, RaceOptions
from benchmarks.coherence.race.recording import Race, Recording
from benchmarks.coherence.race.report import page, publish
from benchmarks.coherence.race.scenario import RaceScenario, running_testbed
from benchmarks.report.terminal import print_page
from benchmarks.runner.dependencies import DRIVER_ERRORS
from benchmarks.runner.ending import BROKEN, say, say_broken
from benchmarks.runner.environment import collect
from benchmarks.runner.job import BREAKS
from benchmarks.stack.embedded import open_stack
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.storage.usage import sentence


def race(options: RaceOptions, environ: Mapping[str, str], console: Console | None = None) -> int:
    """Run, print and write it.

    Returns 0, 1 when ours or the reference was stale, 3 when naive was not caught and so nothing
    is shown, or 4 when something broke or was interrupted; then nothing is written. Raises
    ``OSError`` for a folder that cannot be written to, after printing it.
    """
    console = console or Console()
    try:
        with terminate_as_interrupt(), console.status("Starting the servers") as status:
            recorded = record(options.variants, environ, status=status.update)
    except KeyboardInterrupt:
        say_broken("Stopped before the race was over; nothing is kept.")
        return BROKEN
    except (*BREAKS, *DRIVER_ERRORS) as error:
        say_broken(f"{sentence(error)}.")
        return BROKEN
    # First, so that it is seen also where it cannot be written.
    print_page(page(recorded), console)
    folder = publish(options.out, recorded, datetime.now(UTC))
    say(console, f"\nThe recording and its pictures are in {folder}")
    return exit_code(recorded.recordings)


def record(
    variants: Sequence[str], environ: Mapping[str, str], *, status: Callable[[str], object]
) -> Race:
    """Run the race with each variant, on one MongoDB and each on a Redis of its own.

    Only ``MONGODB_URL`` of the environment is used. Raises ``StackError`` and ``ClientError``
    when something does not start or a step does not come about.
    """
    named = {name: url for name, url in environ.items() if name == "MONGODB_URL"}
    recordings: list[Recording] = []
    with open_stack(environ=named, redis=False) as servers:
        environment = collect(servers, now=datetime.now(UTC))
        for name in variants:
            status(f"Playing with {name}")
            with (
                own_database({"MONGODB_URL": servers.mongo.url}) as (stack, database),
                running_testbed(CHOICES[name], stack, database) as testbed,
            ):
                recordings.append(RaceScenario(testbed).perform())
                own = replace(servers, redis=testbed.fleet.redis.server)
                environment = collect(own, now=datetime.now(UTC))
    return Race(environment=environment, recordings=tuple(recordings))
