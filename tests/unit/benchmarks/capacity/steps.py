"""Steps and headers of sweeps that were never run."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.analysis.header import SweepOptions
from benchmarks.report.capacity import SCHEMA, SweepHeader
from benchmarks.storage.records import SweepStep
from tests.unit.benchmarks import simulate

RATES = {"uncached": 1000.0, "cached": 7000.0, "static": 9000.0, "cashews": 1100.0}


def step(**changes: Any) -> SweepStep:
    """Make a step of 1 s with 1000 requests, all of them hits."""
    values: dict[str, Any] = {
        "round": 0,
        "place": 0,
        "variant": "cached",
        "connections": 8,
        "seconds": 1.0,
        "requests": 1000,
        "hits": 1000,
        "errors": 0,
        "p50_us": 1000.0,
        "p99_us": 2500.0,
        "service_cores": 0.9,
        "client_cores": 0.4,
    }
    return SweepStep(**(values | changes))


def sweep_steps(
    *,
    rates: Mapping[str, float] | None = None,
    connections: Sequence[int] = (1, 8),
    rounds: int = 4,
    noise: float = 0.01,
) -> list[SweepStep]:
    """Make a whole sweep: every round is off by a factor of its own, every step by some more."""
    rng = random.Random(1)
    steps: list[SweepStep] = []
    for number in range(rounds):
        drift = rng.lognormvariate(0, 0.3)
        for each in connections:
            for variant, rate in (rates or RATES).items():
                made = round(rate * each * drift * rng.lognormvariate(0, noise))
                caches = variant not in {"uncached", "static"}
                steps.append(
                    step(
                        round=number,
                        place=len(steps),
                        variant=variant,
                        connections=each,
                        requests=made,
                        hits=made if caches else 0,
                        p50_us=1e6 / rate,
                        p99_us=2.5e6 / rate,
                    )
                )
    return steps


def header(**changes: Any) -> SweepHeader:
    """Make the header of a finished sweep of RATES."""
    names = tuple(RATES)
    usual = SweepHeader(
        schema=SCHEMA,
        state="complete",
        reason="",
        environment=simulate.ENVIRONMENT,
        variants=simulate.variants(*names),
        options=SweepOptions(
            variants=names,
            connections=(1, 8),
            rounds=4,
            seconds=1.0,
            seed=1,
            users=100,
            todos_per_user=20,
            payload_bytes=100,
        ),
    )
    return replace(usual, **changes)
