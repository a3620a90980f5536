"""Commands that measure."""

import os
from typing import Annotated

import typer

from benchmarks.capacity import soak as soaking
from benchmarks.capacity import sweep
from benchmarks.capacity.options import CONNECTIONS, CapacityOptions, SoakOptions, parse_connections
from benchmarks.cli.shared import Out, PayloadBytes, Seed, Several, TodosPerUser
from benchmarks.comparison import compare as comparison
from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.comparison.targets.run import compare_targets
from benchmarks.load import job as load_job
from benchmarks.load.options import SECONDS, LoadOptions
from benchmarks.runner.options import CompareOptions
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED

_LADDER = ",".join(map(str, CONNECTIONS))
Claims = Annotated[
    list[str] | None,
    typer.Option(help='one more to judge, such as "cached/uncached p50 >= 5"; exit 1 if not'),
]
FailOn = Annotated[
    list[str] | None, typer.Option(help="exit 1 unless it holds: C1, or C1@native; L1 of a load")
]


def compare(
    *,
    profile: Annotated[str, typer.Option(help="quick or full")] = "quick",
    scenario: Several = None,
    variant: Several = None,
    target: Annotated[
        list[str] | None,
        typer.Option(help="a running service, NAME=URL; repeat, with --scenario FILE.py"),
    ] = None,
    claim: Claims = None,
    fail_on: FailOn = None,
    seed: Seed = DEFAULT_SEED,
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


def capacity(
    *,
    variant: Several = None,
    connections: Annotated[str, typer.Option(help="numbers of connections")] = _LADDER,
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
    if soak is not None:
        soaking_options = SoakOptions.asked(
            variants=variant or (),
            requests=soak,
            connections=() if connections == _LADDER else parse_connections(connections),
            seed=seed,
            users=users,
            todos_per_user=todos_per_user,
            payload_bytes=payload_bytes,
        )
        raise typer.Exit(soaking.soak(soaking_options, os.environ))
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
    raise typer.Exit(sweep.capacity(options, os.environ))


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
