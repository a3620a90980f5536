"""Commands that measure; what measures is imported when one of them runs, not for their help."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.analysis.claims.claim import CLAIMS
from benchmarks.capacity.options import CONNECTIONS, CapacityOptions, SoakOptions, parse_numbers
from benchmarks.cli.shared import (
    Claims,
    Out,
    PayloadBytes,
    Seed,
    TodosPerUser,
    Users,
    of_names,
)
from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.load.options import SECONDS, USERS, LoadOptions
from benchmarks.runner.options import CompareOptions
from benchmarks.runner.profiles import PROFILES
from benchmarks.scenarios import LOADABLE, SCENARIOS
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED, UsageError
from benchmarks.variants.registry import REFERENCE, VARIANTS

Variants = Annotated[
    list[str] | None,
    of_names(
        f"What to measure beside {REFERENCE}; can be repeated",
        [name for name in VARIANTS if name != REFERENCE],
    ),
]
_OF_PROFILE = "the profile's unless given"
_OTHERS = "Any running services"


def _of_others(help_text: str, metavar: str | None = None) -> Any:
    return typer.Option(help=help_text, metavar=metavar, rich_help_panel=_OTHERS)


def _flag(name: str, help_text: str) -> Any:
    return typer.Option(name, help=help_text, rich_help_panel=_OTHERS)


Targets = Annotated[
    list[str] | None,
    typer.Argument(
        help="Two running services or more to measure in place of this project's; the first is the "
        "reference.",
        metavar="[NAME=URL]...",
    ),
]
TargetOption = Annotated[list[str] | None, _of_others("The same as NAME=URL alone.", "NAME=URL")]
Get = Annotated[
    list[str] | None, _of_others("Path to ask for. Can be repeated, and keeps its order.", "PATH")
]
Requests = Annotated[
    list[str] | None,
    _of_others("Request, such as 'POST /orders', after every --get. Can be repeated.", "REQUEST"),
]
Bodies = Annotated[
    list[str] | None,
    _of_others("Body of a --request, one for each that sends one, in order.", "TEXT|@FILE"),
]
Headers = Annotated[
    list[str] | None,
    _of_others(
        "Header of every request, such as 'Authorization: Bearer ${TOKEN}' with a variable of the "
        "environment, or 'Cookie: @FILE'. It is kept nowhere. Can be repeated.",
        "HEADER",
    ),
]
Curls = Annotated[
    list[str] | None,
    _of_others("Request as a curl command, as browsers copy it. Can be repeated.", "COMMAND"),
]
Har = Annotated[
    Path | None,
    _of_others("Recording of a browser, whose requests of one origin are made in order.", "FILE"),
]
KeepHeaders = Annotated[
    list[str] | None,
    _of_others("Header or parameter of the --har to send although it looks secret.", "NAME"),
]
Reference = Annotated[str | None, _of_others("Service that the others are compared with.", "NAME")]
Seconds = Annotated[
    float | None, _of_others("How long to measure, in place of what the profile says.")
]
Rate = Annotated[float | None, _of_others("Requests per second, at most.")]
Ignore = Annotated[
    list[str] | None,
    _of_others("What of a JSON body may differ, such as '$..updated_at'. Repeatable.", "JSONPATH"),
]
IgnoreBodies = Annotated[
    bool, _flag("--ignore-bodies", "Compare no bodies, which the verdict then says.")
]
NoBodies = Annotated[bool, _flag("--no-bodies", "Keep no bodies that differ.")]
HeaderHit = Annotated[
    str | None, _of_others("What says that a cache had it, such as 'X-Cache: HIT'.", "HEADER")
]
Insecure = Annotated[bool, _flag("--insecure", "Take any certificate, which the report then says.")]
Follow = Annotated[bool, _flag("--follow", "Follow redirects that stay on the same service.")]
AllowRemote = Annotated[
    bool, _flag("--allow-remote", "Measure services that are not on this machine.")
]
AsJson = Annotated[
    bool, _flag("--json", "Print the verdict as JSON, and everything else on stderr.")
]


def compare(
    targets: Targets = None,
    *,
    profile: Annotated[str, of_names("How much to measure", PROFILES)] = "quick",
    scenario: Annotated[
        list[str] | None,
        of_names(
            "What users do; can be repeated. A FILE.py for running services, otherwise one of",
            SCENARIOS,
        ),
    ] = None,
    variant: Variants = None,
    target: TargetOption = None,
    claim: Claims = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            help="Claim that has to hold, or the exit code is 1: one of "
            f"{', '.join(CLAIMS)}, such as C1 or C1@native. Can be repeated.",
            metavar="CLAIM",
        ),
    ] = None,
    seed: Seed = DEFAULT_SEED,
    users: Annotated[int | None, typer.Option(help=f"Number of users; {_OF_PROFILE}.")] = None,
    todos_per_user: Annotated[
        int | None, typer.Option(help=f"Number of todos of each user; {_OF_PROFILE}.")
    ] = None,
    payload_bytes: Annotated[
        int | None, typer.Option(help=f"Size of a todo's text in bytes; {_OF_PROFILE}.")
    ] = None,
    restarts: Annotated[
        int | None, typer.Option(help=f"How often all services are started; {_OF_PROFILE}.")
    ] = None,
    blocks: Annotated[
        int | None,
        typer.Option(help=f"Blocks of each variant per start, at most; {_OF_PROFILE}."),
    ] = None,
    probe_seconds: Annotated[
        float | None,
        typer.Option(
            help=f"How long each variant is checked for stale answers at the end; {_OF_PROFILE}."
        ),
    ] = None,
    out: Out = DEFAULT_OUT,
    get: Get = None,
    request: Requests = None,
    body: Bodies = None,
    header: Headers = None,
    curl: Curls = None,
    har: Har = None,
    keep_header: KeepHeaders = None,
    reference: Reference = None,
    seconds: Seconds = None,
    rate: Rate = None,
    ignore: Ignore = None,
    ignore_bodies: IgnoreBodies = False,
    no_bodies: NoBodies = False,
    header_hit: HeaderHit = None,
    insecure: Insecure = False,
    follow: Follow = False,
    allow_remote: AllowRemote = False,
    json: AsJson = False,
) -> None:
    """Measure the variants, or any running services, in interleaved blocks, and judge claims."""
    asked: dict[str, Any] = {"claims": claim or (), "fail_on": fail_on or (), "out": out}
    asked |= {"profile": profile, "scenarios": scenario or (), "seed": seed}
    asked |= {"users": users, "blocks": blocks}
    of_ours: dict[str, Any] = {
        "todos_per_user": todos_per_user,
        "payload_bytes": payload_bytes,
        "restarts": restarts,
        "probe_seconds": probe_seconds,
    }
    of_others: dict[str, Any] = {
        "get": get or (),
        "request": request or (),
        "body": body or (),
        "header": header or (),
        "curl": curl or (),
        "har": har,
        "keep_header": keep_header or (),
        "reference": reference,
        "seconds": seconds,
        "rate": rate,
        "ignore": ignore or (),
        "ignore_bodies": ignore_bodies,
        "no_bodies": no_bodies,
        "header_hit": header_hit,
        "insecure": insecure,
        "follow": follow,
        "allow_remote": allow_remote,
        "json": json,
    }
    services = [*(targets or ()), *(target or ())]
    if services:
        useless = [_typed(name) for name in _meant({"variant": variant, **of_ours})]
        options = TargetOptions.asked_for(
            services, environ=os.environ, useless=useless, **asked, **of_others
        )
        from benchmarks.comparison.targets.run import compare_targets

        raise typer.Exit(compare_targets(options))
    for name in _meant(of_others):
        raise UsageError(f"{_typed(name)} is about running services: name them, NAME=URL NAME=URL")
    of_variants = CompareOptions.from_profile(variants=variant or (), **asked, **of_ours)
    from benchmarks.comparison import compare as comparison

    raise typer.Exit(comparison.compare(of_variants, os.environ))


def _meant(given: Mapping[str, Any]) -> list[str]:
    """Return the names of the options that were given."""
    return [name for name, value in given.items() if value not in (None, False, ())]


def capacity(
    ctx: typer.Context,
    *,
    variant: Variants = None,
    connections: Annotated[
        str,
        typer.Option(help="Numbers of connections, separated by commas.", metavar="N,N,..."),
    ] = ",".join(map(str, CONNECTIONS)),
    workers: Annotated[
        str,
        typer.Option(help="Numbers of worker processes, separated by commas.", metavar="N,N,..."),
    ] = "1",
    costs: Annotated[
        bool, typer.Option("--costs", help="Measure misses and writes as well, one connection.")
    ] = False,
    rounds: Annotated[int, typer.Option(help="How often each step is measured.")] = 3,
    seconds: Annotated[float, typer.Option(help="Seconds that a step takes.")] = 1.0,
    soak: Annotated[
        int | None,
        typer.Option(
            help="Send this many warm reads to one variant instead, and watch its memory.",
            metavar="READS",
        ),
    ] = None,
    seed: Seed = DEFAULT_SEED,
    users: Users = 100,
    todos_per_user: TodosPerUser = 20,
    payload_bytes: PayloadBytes = 100,
    out: Out = DEFAULT_OUT,
) -> None:
    """Measure how many warm reads per second each variant answers."""
    asked: dict[str, Any] = {"variants": variant or (), "seed": seed, "users": users}
    asked |= {"todos_per_user": todos_per_user, "payload_bytes": payload_bytes}
    numbers = parse_numbers("--connections", connections)
    if soak is not None:
        options = SoakOptions.asked(
            requests=soak,
            connections=numbers if _given(ctx, "connections") else (),
            useless=[
                _typed(each)
                for each in ("workers", "costs", "rounds", "seconds")
                if _given(ctx, each)
            ],
            out=out if _given(ctx, "out") else None,
            **asked,
        )
        from benchmarks.capacity import soak as soaking

        raise typer.Exit(soaking.soak(options, os.environ))
    of_sweep = CapacityOptions.asked(
        connections=numbers,
        workers=parse_numbers("--workers", workers),
        costs=costs,
        rounds=rounds,
        seconds=seconds,
        out=out,
        **asked,
    )
    from benchmarks.capacity import sweep

    raise typer.Exit(sweep.capacity(of_sweep, os.environ))


def load(
    scenario: Annotated[str, of_names("What users do", LOADABLE, typed=typer.Argument)],
    *,
    rate: Annotated[
        float | None,
        typer.Option(help="Requests per second, sent on a schedule whether or not answers came."),
    ] = None,
    users: Annotated[
        int | None,
        typer.Option(help=f"Users who wait for each answer; {USERS} unless --rate is given."),
    ] = None,
    processes: Annotated[int, typer.Option(help="Processes of Locust that send.")] = 1,
    seconds: Annotated[float, typer.Option(help="Seconds to measure.")] = SECONDS,
    claim: Claims = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            help="Claim that has to hold, or the exit code is 1: L1, that cached is 5x as fast.",
            metavar="CLAIM",
        ),
    ] = None,
    cached: Annotated[
        str | None, typer.Option(help="Running service with a cache.", metavar="URL")
    ] = None,
    uncached: Annotated[
        str | None,
        typer.Option(help="Running service without one; give both or none.", metavar="URL"),
    ] = None,
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
        cached=cached,
        uncached=uncached,
    )
    from benchmarks.load import job

    raise typer.Exit(job.load(options, os.environ))


def _given(ctx: typer.Context, name: str) -> bool:
    """Tell whether an option was typed, also with its default value."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _typed(name: str) -> str:
    return f"--{name.replace('_', '-')}"
