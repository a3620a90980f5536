"""Commands that measure; what measures is imported when one of them runs, not for their help."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.analysis.claims.claim import CLAIMS
from benchmarks.capacity.options import CONNECTIONS, CapacityOptions, parse_numbers
from benchmarks.cli.shared import (
    AsJson,
    Claims,
    Out,
    PayloadBytes,
    Seed,
    TodosPerUser,
    Users,
    of_names,
    of_path,
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


def _of_others(kind: Any, says: str, metavar: str | None = None, *, parser: Any = None) -> Any:
    option = typer.Option(help=says, metavar=metavar, rich_help_panel=_OTHERS, parser=parser)
    return Annotated[kind | None, option]


def _flag(name: str, says: str) -> Any:
    return Annotated[bool | None, typer.Option(name, help=says, rich_help_panel=_OTHERS)]


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
    "ignore_bodies": _flag("--ignore-bodies", "Do not compare bodies; the verdict says so."),
    "no_bodies": _flag("--no-bodies", "Keep no bodies that differ."),
    "header_hit": _of_others(
        str, "Header that marks a hit of the cache, such as 'X-Cache: HIT'.", "HEADER"
    ),
    "insecure": _flag("--insecure", "Accept any certificate; the report says so."),
    "follow": _flag("--follow", "Follow redirects that stay on the same service."),
    "allow_remote": _flag("--allow-remote", "Measure services that are not at a loopback address."),
    "json": _flag("--json", "Print the verdict as JSON, and everything else on stderr."),
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
    of_others = _without_none(of_others)
    if services := [*(targets or ()), *(target or ())]:
        for name in _without_none({"variant": variant, "fail_on": fail_on}):
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


_USUAL_CONNECTIONS = ",".join(map(str, CONNECTIONS))
Connections = Annotated[
    str, typer.Option(help="Numbers of connections, separated by commas.", metavar="N,N,...")
]
Workers = Annotated[
    str, typer.Option(help="Numbers of worker processes, separated by commas.", metavar="N,N,...")
]
Costs = Annotated[
    bool, typer.Option("--costs", help="Measure misses and writes as well, one connection.")
]
Rounds = Annotated[int, typer.Option(help="How often each step is measured.")]
StepSeconds = Annotated[float, typer.Option(help="Seconds that a step takes.")]
Soak = Annotated[
    int | None,
    typer.Option(
        help="Send this many warm reads to the cached service instead, and watch its memory.",
        metavar="READS",
    ),
]


def capacity(
    ctx: typer.Context,
    *,
    variant: Variants = None,
    connections: Connections = _USUAL_CONNECTIONS,
    workers: Workers = "1",
    costs: Costs = False,
    rounds: Rounds = 3,
    seconds: StepSeconds = 1.0,
    soak: Soak = None,
    seed: Seed = DEFAULT_SEED,
    users: Users = 100,
    todos_per_user: TodosPerUser = 20,
    payload_bytes: PayloadBytes = 100,
    out: Out = DEFAULT_OUT,
    json: AsJson = False,
) -> None:
    """Measure how many warm reads per second each variant answers."""
    if soak is not None:
        for name in ctx.params:
            if name not in {"soak", "out", "json"} and _given(ctx, name):
                raise UsageError(f"{_typed(name)} is about a load sweep, not about --soak")
        from benchmarks.capacity import soak as soaking

        # The default folder is that of sweeps.
        kept_in = out if _given(ctx, "out") else None
        raise typer.Exit(soaking.soak(soak, os.environ, out=kept_in, json=json))
    sweep_options = CapacityOptions.asked(
        variants=variant or (),
        connections=parse_numbers("--connections", connections),
        workers=parse_numbers("--workers", workers),
        costs=costs,
        rounds=rounds,
        seconds=seconds,
        seed=seed,
        users=users,
        todos_per_user=todos_per_user,
        payload_bytes=payload_bytes,
    )
    from benchmarks.capacity import sweep

    raise typer.Exit(sweep.capacity(sweep_options, os.environ, out=out, json=json))


OneScenario = Annotated[str, of_names("Scenario to run", LOADABLE, typed=typer.Argument)]
OfferedRate = Annotated[
    float | None,
    typer.Option(help="Requests per second, sent on a schedule whether or not answers came."),
]
WaitingUsers = Annotated[
    int | None,
    typer.Option(help=f"Users who wait for each answer; {USERS} unless --rate is given."),
]
Processes = Annotated[int, typer.Option(help="Processes of Locust that send.")]
LoadSeconds = Annotated[float, typer.Option(help="Seconds to measure.")]
FailOnLiteral = Annotated[
    list[str] | None,
    typer.Option(
        help="Claim that has to hold, or the exit code is 1: L1, that cached is 5x as fast.",
        metavar="CLAIM",
    ),
]


def load(
    scenario: OneScenario,
    *,
    rate: OfferedRate = None,
    users: WaitingUsers = None,
    processes: Processes = 1,
    seconds: LoadSeconds = SECONDS,
    claim: Claims = None,
    fail_on: FailOnLiteral = None,
    seed: Seed = DEFAULT_SEED,
    out: Out = DEFAULT_OUT,
) -> None:
    """Put the cached and the uncached service under the load of Locust's users."""
    options = LoadOptions.asked_for(
        scenario,
        users=users,
        rate=rate,
        processes=processes,
        seconds=seconds,
        seed=seed,
        out=out,
        claims=claim or (),
        fail_on=fail_on or (),
    )
    from benchmarks.load import job

    raise typer.Exit(job.load(options, os.environ))


def _without_none(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _given(ctx: typer.Context, name: str) -> bool:
    """Tell whether an option was typed, also with its default value."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _typed(name: str) -> str:
    return f"--{name.replace('_', '-')}"
