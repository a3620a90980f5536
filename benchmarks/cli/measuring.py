"""Commands that measure."""

import os
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
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED

Profile = Annotated[str, typer.Option(help="quick or full")]
Targets = Annotated[
    list[str] | None,
    typer.Option(help="a running service, NAME=URL; repeat, with --scenario FILE.py"),
]
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
    *,
    profile: Profile = "quick",
    scenario: Several = None,
    variant: Several = None,
    target: Targets = None,
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
) -> None:
    """Measure the variants in interleaved blocks and say what holds."""
    asked: dict[str, Any] = {"claims": claim or (), "fail_on": fail_on or (), "out": out}
    asked |= {"profile": profile, "scenarios": scenario or (), "seed": seed}
    of_services: dict[str, Any] = {
        "users": users,
        "todos_per_user": todos_per_user,
        "payload_bytes": payload_bytes,
        "restarts": restarts,
        "blocks": blocks,
        "probe_seconds": probe_seconds,
    }
    if target:
        useless = {"variant": variant, **of_services}
        given = [name for name, value in useless.items() if value is not None]
        options = TargetOptions.asked_for(target, useless=map(_typed, given), **asked)
        raise typer.Exit(compare_targets(options))
    raise typer.Exit(
        comparison.compare(
            CompareOptions.from_profile(variants=variant or (), **asked, **of_services), os.environ
        )
    )


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
