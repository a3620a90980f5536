"""Commands that measure; what measures is imported when one of them runs, not for their help."""

import os
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
from benchmarks.storage.usage import DEFAULT_OUT, DEFAULT_SEED
from benchmarks.variants.registry import REFERENCE, VARIANTS

Variants = Annotated[
    list[str] | None,
    of_names(
        f"What to measure beside {REFERENCE}; can be repeated",
        [name for name in VARIANTS if name != REFERENCE],
    ),
]
_OF_PROFILE = "the profile's unless given"


def compare(
    *,
    profile: Annotated[str, of_names("How much to measure", PROFILES)] = "quick",
    scenario: Annotated[
        list[str] | None,
        of_names(
            "What users do; can be repeated. A FILE.py with --target, otherwise one of", SCENARIOS
        ),
    ] = None,
    variant: Variants = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            help="Running service of your own to measure instead; give two or more, the first is "
            "the reference, and a --scenario FILE.py.",
            metavar="NAME=URL",
        ),
    ] = None,
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
) -> None:
    """Measure the variants in interleaved blocks, and judge the claims about them."""
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
        from benchmarks.comparison.targets.run import compare_targets

        raise typer.Exit(compare_targets(options))
    of_variants = CompareOptions.from_profile(variants=variant or (), **asked, **of_services)
    from benchmarks.comparison import compare as comparison

    raise typer.Exit(comparison.compare(of_variants, os.environ))


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
