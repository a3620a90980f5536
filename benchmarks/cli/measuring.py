"""Commands that measure."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.capacity import soak as soaking
from benchmarks.capacity import sweep
from benchmarks.capacity.options import CONNECTIONS, CapacityOptions, SoakOptions, parse_connections
from benchmarks.cli.shared import Out, PayloadBytes, Seed, Several, TodosPerUser
from benchmarks.coherence.race.run import RaceOptions
from benchmarks.coherence.race.run import race as run_race
from benchmarks.comparison import compare as comparison
from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.comparison.targets.run import compare_targets
from benchmarks.load import job as load_job
from benchmarks.load.options import SECONDS, LoadOptions
from benchmarks.runner.options import CompareOptions
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED, UsageError

Profile = Annotated[str, typer.Option(help="quick or full")]
_OTHERS = "Any running services"
Targets = Annotated[
    list[str] | None,
    typer.Argument(help="two running services or more, NAME=URL; the first is the reference"),
]


def _of_others(help_text: str) -> Any:
    return typer.Option(help=help_text, rich_help_panel=_OTHERS)


TargetOption = Annotated[list[str] | None, _of_others("the same as NAME=URL alone")]
Get = Annotated[list[str] | None, _of_others("a path to ask for; repeat, in order")]
Requests = Annotated[list[str] | None, _of_others("'METHOD PATH', after every --get; repeat")]
Bodies = Annotated[
    list[str] | None, _of_others("of a --request: a text or @FILE; one for each that sends one")
]
Headers = Annotated[
    list[str] | None, _of_others("'NAME: VALUE' of every request, kept nowhere; ${VARIABLE}, @FILE")
]
Curls = Annotated[list[str] | None, _of_others("a curl command, as browsers copy it; repeat")]
Har = Annotated[Path | None, _of_others("a recording of a browser: its same-origin requests")]
KeepHeaders = Annotated[
    list[str] | None, _of_others("a header or parameter of --har that is sent although secret")
]
Reference = Annotated[str | None, _of_others("the service that others are compared with")]
Seconds = Annotated[float | None, _of_others("how long to measure, in place of the profile's")]
Rate = Annotated[float | None, _of_others("requests per second, at most")]
Ignore = Annotated[
    list[str] | None, _of_others("a JSON path that may differ, such as '$..updated_at'; repeat")
]
IgnoreBodies = Annotated[bool, _of_others("compare no bodies")]
NoBodies = Annotated[bool, _of_others("keep no bodies that differ")]
HeaderHit = Annotated[str | None, _of_others("what tells a cache's hit, such as 'X-Cache: HIT'")]
Insecure = Annotated[bool, _of_others("take any certificate")]
Follow = Annotated[bool, _of_others("follow redirects of the same service")]
AllowRemote = Annotated[bool, _of_others("measure services that are not on this machine")]
AsJson = Annotated[bool, _of_others("print the verdict as JSON and nothing else")]
Claims = Annotated[
    list[str] | None,
    typer.Option(help='one more to judge, such as "cached/uncached p50 >= 5"; exit 1 if not'),
]
FailOn = Annotated[
    list[str] | None, typer.Option(help="exit 1 unless it holds: C1, or C1@native; L1 of a load")
]
Restarts = Annotated[int | None, typer.Option(help="how often all services start")]
Blocks = Annotated[int | None, typer.Option(help="blocks of each variant, at most")]
ProbeSeconds = Annotated[
    float | None, typer.Option(help="how long each variant's answers are checked")
]


def compare(
    targets: Targets = None,
    *,
    profile: Profile = "quick",
    scenario: Several = None,
    variant: Several = None,
    target: TargetOption = None,
    claim: Claims = None,
    fail_on: FailOn = None,
    seed: Seed = DEFAULT_SEED,
    users: Annotated[int | None, typer.Option(help="how many users")] = None,
    todos_per_user: Annotated[int | None, typer.Option(help="how many todos each")] = None,
    payload_bytes: Annotated[int | None, typer.Option(help="size of a todo's text")] = None,
    restarts: Restarts = None,
    blocks: Blocks = None,
    probe_seconds: ProbeSeconds = None,
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
    """Measure the variants, or any running services, in interleaved blocks and say what holds."""
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
        raise typer.Exit(compare_targets(options))
    for name in _meant(of_others):
        raise UsageError(f"{_typed(name)} is about running services: name them, NAME=URL NAME=URL")
    raise typer.Exit(
        comparison.compare(
            CompareOptions.from_profile(variants=variant or (), **asked, **of_ours), os.environ
        )
    )


def _meant(given: Mapping[str, Any]) -> list[str]:
    """Return the names of the options that were given."""
    return [name for name, value in given.items() if value not in (None, False, ())]


def capacity(
    ctx: typer.Context,
    *,
    variant: Several = None,
    connections: Annotated[str, typer.Option(help="numbers of connections")] = ",".join(
        map(str, CONNECTIONS)
    ),
    rounds: Annotated[int, typer.Option(help="how often each step is taken")] = 3,
    seconds: Annotated[float, typer.Option(help="how long a step takes")] = 1.0,
    soak: Annotated[
        int | None,
        typer.Option(help="send so many warm reads to one variant instead, and watch its memory"),
    ] = None,
    seed: Seed = DEFAULT_SEED,
    users: Annotated[int, typer.Option(help="how many users")] = 100,
    todos_per_user: TodosPerUser = 20,
    payload_bytes: PayloadBytes = 100,
    out: Out = DEFAULT_OUT,
) -> None:
    """Find out how many warm reads per second each variant answers, or what many do to memory."""
    asked: dict[str, Any] = {"variants": variant or (), "seed": seed, "users": users}
    asked |= {"todos_per_user": todos_per_user, "payload_bytes": payload_bytes}
    if soak is not None:
        options = SoakOptions.asked(
            requests=soak,
            connections=parse_connections(connections) if _given(ctx, "connections") else (),
            useless=[_typed(each) for each in ("rounds", "seconds", "out") if _given(ctx, each)],
            **asked,
        )
        raise typer.Exit(soaking.soak(options, os.environ))
    numbers = parse_connections(connections)
    of_sweep = CapacityOptions.asked(
        connections=numbers, rounds=rounds, seconds=seconds, out=out, **asked
    )
    raise typer.Exit(sweep.capacity(of_sweep, os.environ))


def load(
    scenario: Annotated[str, typer.Argument(help="what users do, such as mostly-reads")],
    *,
    rate: Annotated[
        float | None, typer.Option(help="requests per second on a schedule, waiting for nobody")
    ] = None,
    users: Annotated[
        int | None, typer.Option(help="users who wait for their answers; 4 unless --rate")
    ] = None,
    processes: Annotated[int, typer.Option(help="processes of Locust that send")] = 1,
    seconds: Annotated[float, typer.Option(help="how long to measure")] = SECONDS,
    claim: Claims = None,
    fail_on: FailOn = None,
    cached: Annotated[str | None, typer.Option(help="a running service with the cache")] = None,
    uncached: Annotated[str | None, typer.Option(help="one without; both or none")] = None,
    seed: Seed = DEFAULT_SEED,
    out: Out = DEFAULT_OUT,
) -> None:
    """Put both services under the load of Locust's users and say what holds."""
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
    raise typer.Exit(load_job.load(options, os.environ))


def race(*, variant: Several = None, out: Out = DEFAULT_OUT) -> None:
    """Play the race of a read and a write on two real processes, and draw what happened."""
    raise typer.Exit(run_race(RaceOptions.asked_for(variant or (), out), os.environ))


def _given(ctx: typer.Context, name: str) -> bool:
    """Tell whether an option was typed, also with its default value."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _typed(name: str) -> str:
    return f"--{name.replace('_', '-')}"
