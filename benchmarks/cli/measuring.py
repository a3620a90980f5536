"""Commands that measure; what measures is imported when one of them runs, not for their help."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.analysis.claims.claim import CLAIMS
from benchmarks.capacity.options import CONNECTIONS, CapacityOptions, parse_numbers
from benchmarks.cli.shared import (
    AsJson,
    Claims,
    Out,
    Seed,
    flag,
    given,
    of_names,
    of_path,
    option,
    takes,
)
from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.load.options import SECONDS, USERS, LoadOptions
from benchmarks.runner.options import CompareOptions
from benchmarks.runner.profiles import PROFILES
from benchmarks.scenarios import LOADABLE, SCENARIOS
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED, UsageError
from benchmarks.variants.registry import OTHERS, REFERENCE

Variants = Annotated[
    list[str] | None,
    of_names(f"Variant to measure beside {REFERENCE}; can be repeated", OTHERS),
]
_OTHERS = "Any running services"
Targets = Annotated[
    list[str] | None,
    typer.Argument(
        help="Two running services or more to measure in place of this project's; the first is the "
        "reference.",
        metavar="[NAME=URL]...",
    ),
]
TargetOption = Annotated[
    list[str] | None,
    typer.Option(help="The same as NAME=URL alone.", metavar="NAME=URL", rich_help_panel=_OTHERS),
]
ProfileName = Annotated[str, of_names("How much to measure", PROFILES)]
Scenarios = Annotated[
    list[str] | None,
    of_names(
        "Scenario to run; can be repeated. A FILE.py for running services, otherwise one of",
        SCENARIOS,
    ),
]
FailOn = Annotated[
    list[str] | None,
    typer.Option(
        help="Claim that has to hold, or the exit code is 1: one of "
        f"{', '.join(CLAIMS)}, such as C1 or C1@native. Can be repeated.",
        metavar="CLAIM",
    ),
]
Blocks = Annotated[
    int | None,
    typer.Option(help="Blocks of each variant per start, at most; the profile's unless given."),
]


_of_others = partial(option, rich_help_panel=_OTHERS)
_flag_of_others = partial(flag, rich_help_panel=_OTHERS)
OF_OTHERS: Mapping[str, Any] = {
    "get": _of_others(list[str], "Path to ask for. Can be repeated, and keeps its order.", "PATH"),
    "request": _of_others(
        list[str], "Request, such as 'POST /orders', after every --get. Can be repeated.", "REQUEST"
    ),
    "body": _of_others(
        list[str], "Body of a --request, one for each that sends one, in order.", "TEXT|@FILE"
    ),
    "header": _of_others(
        list[str],
        "Header of every request, such as 'Authorization: Bearer ${TOKEN}' with a variable of the "
        "environment, or 'Cookie: @FILE'. It is kept nowhere. Can be repeated.",
        "HEADER",
    ),
    "curl": _of_others(
        list[str], "Request as a curl command, as browsers copy it. Can be repeated.", "COMMAND"
    ),
    "har": _of_others(
        Path,
        "Recording of a browser, whose requests of one origin are made in order.",
        "FILE",
        parser=of_path,
    ),
    "keep_header": _of_others(
        list[str], "Header or parameter of the --har to send although it looks secret.", "NAME"
    ),
    "users": _of_others(int, "Users of a scenario file, in place of what it says."),
    "reference": _of_others(str, "Service that the others are compared with.", "NAME"),
    "seconds": _of_others(float, "How long to measure, in place of what the profile says."),
    "rate": _of_others(float, "Requests per second, at most."),
    "ignore": _of_others(
        list[str],
        "Part of JSON bodies that may differ, such as '$..updated_at'. Can be repeated.",
        "JSONPATH",
    ),
    "ignore_bodies": _flag_of_others(
        "--ignore-bodies", "Do not compare bodies; the verdict says so."
    ),
    "no_bodies": _flag_of_others("--no-bodies", "Keep no bodies that differ."),
    "header_hit": _of_others(
        str, "Header that marks a hit of the cache, such as 'X-Cache: HIT'.", "HEADER"
    ),
    "insecure": _flag_of_others("--insecure", "Accept any certificate; the report says so."),
    "follow": _flag_of_others("--follow", "Follow redirects that stay on the same service."),
    "allow_remote": _flag_of_others(
        "--allow-remote", "Measure services that are not at a loopback address."
    ),
    "json": _flag_of_others("--json", "Print the verdict as JSON, and everything else on stderr."),
}
"""The options of a comparison of targets, by the names that ``TargetOptions`` has for them."""


@takes(OF_OTHERS)
def compare(
    targets: Targets = None,
    *,
    profile: ProfileName = "quick",
    scenario: Scenarios = None,
    variant: Variants = None,
    target: TargetOption = None,
    claim: Claims = None,
    fail_on: FailOn = None,
    seed: Seed = DEFAULT_SEED,
    blocks: Blocks = None,
    out: Out = DEFAULT_OUT,
    **of_others: Any,
) -> None:
    """Measure the variants, or any running services, in interleaved blocks, and judge claims."""
    asked: dict[str, Any] = {"profile": profile, "scenarios": scenario or (), "seed": seed}
    asked |= {"claims": claim or (), "blocks": blocks, "out": out}
    of_others = given(of_others)
    if services := [*(targets or ()), *(target or ())]:
        for name in given({"variant": variant, "fail_on": fail_on}):
            raise UsageError(
                f"{_typed(name)} is about this project's own service, not about others"
            )
        chosen = TargetOptions(services, environ=os.environ, **asked, **of_others)
        from benchmarks.comparison.targets.run import compare_targets

        raise typer.Exit(compare_targets(chosen))
    for name in of_others:
        raise UsageError(f"{_typed(name)} is about running services: name them, NAME=URL NAME=URL")
    options = CompareOptions.from_profile(variants=variant or (), fail_on=fail_on or (), **asked)
    from benchmarks.comparison import compare as comparison

    raise typer.Exit(comparison.compare(options, os.environ))


def _numbers(name: str, says: str) -> Any:
    """Return an option that takes numbers separated by commas."""
    return option(str, says, "N,N,...", parser=partial(parse_numbers, name))


_USUAL = CapacityOptions.asked()
OF_SWEEP: Mapping[str, Any] = {
    "variant": Variants,
    "connections": _numbers(
        "--connections", f"Numbers of connections, {','.join(map(str, CONNECTIONS))} unless given."
    ),
    "workers": _numbers("--workers", "Numbers of worker processes, 1 unless given."),
    "costs": flag("--costs", "Measure misses and writes as well, one connection."),
    "rounds": option(int, f"How often each step is measured, {_USUAL.rounds} unless given."),
    "seconds": option(float, f"Seconds that a step takes, {_USUAL.seconds:g} unless given."),
    "seed": option(int, f"Seed of the data and of the order, {_USUAL.seed} unless given."),
    "users": option(int, f"Number of users, {_USUAL.users} unless given."),
    "todos_per_user": option(
        int, f"Number of todos of each user, {_USUAL.todos_per_user} unless given."
    ),
    "payload_bytes": option(
        int, f"Size of a todo's text in bytes, {_USUAL.payload_bytes} unless given."
    ),
}
"""The options of a load sweep, None unless given."""


@takes(OF_SWEEP, before="soak")
def capacity(
    *,
    soak: Annotated[
        int | None,
        typer.Option(
            help="Send this many warm reads to the cached service instead, and watch its memory.",
            metavar="READS",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the reports, reports unless given. What --soak found is kept nowhere "
            "without it.",
            metavar="FOLDER",
            parser=of_path,
        ),
    ] = None,
    json: AsJson = False,
    **of_sweep: Any,
) -> None:
    """Measure how many warm reads per second each variant answers."""
    of_sweep = given(of_sweep)
    if soak is not None:
        for name in of_sweep:
            raise UsageError(f"{_typed(name)} is about a load sweep, not about --soak")
        from benchmarks.capacity import soak as soaking

        raise typer.Exit(soaking.soak(soak, os.environ, out=out, json=json))
    options = CapacityOptions.asked(variants=of_sweep.pop("variant", ()), **of_sweep)
    from benchmarks.capacity import sweep

    raise typer.Exit(sweep.capacity(options, os.environ, out=out or DEFAULT_OUT, json=json))


OneScenario = Annotated[str, of_names("Scenario to run", LOADABLE, typed=typer.Argument)]
OF_LOAD: Mapping[str, Any] = {
    "rate": option(float, "Requests per second, sent on a schedule whether or not answers came."),
    "users": option(int, f"Users who wait for each answer; {USERS} unless --rate is given."),
    "processes": option(int, "Processes of Locust that send, 1 unless given."),
    "seconds": option(float, f"Seconds to measure, {SECONDS:g} unless given."),
}
FailOnLiteral = Annotated[
    list[str] | None,
    typer.Option(
        help="Claim that has to hold, or the exit code is 1: L1, that cached is 5x as fast.",
        metavar="CLAIM",
    ),
]


@takes(OF_LOAD, before="claim")
def load(
    scenario: OneScenario,
    *,
    claim: Claims = None,
    fail_on: FailOnLiteral = None,
    seed: Seed = DEFAULT_SEED,
    out: Out = DEFAULT_OUT,
    **of_load: Any,
) -> None:
    """Put the cached and the uncached service under the load of Locust's users."""
    asked: dict[str, Any] = {"claims": claim or (), "fail_on": fail_on or (), "seed": seed}
    options = LoadOptions(scenario, out=out, **asked, **given(of_load))
    from benchmarks.load import job

    raise typer.Exit(job.load(options, os.environ))


def _typed(name: str) -> str:
    return f"--{name.replace('_', '-')}"
