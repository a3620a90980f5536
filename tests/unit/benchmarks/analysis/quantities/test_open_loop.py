from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from benchmarks.analysis.quantities.open_loop import (
    RatePoint,
    highest_stable,
    judge_rates,
)
from benchmarks.storage.records import RateStep
from tests.unit.benchmarks.queueing import queue_step

SERVERS = {"uncached": 0.002, "cached": 0.0005}
SEEDS = 10
LONGER: dict[str, Any] = {"backlog_middle": 0, "backlog_end": 40}
SLOWER: dict[str, Any] = {"first_half_p50_us": 500.0, "second_half_p50_us": 900.0}


@cache
def sweep(*rates: float, rounds: int = 3) -> tuple[RateStep, ...]:
    return tuple(
        queue_step(rate=rate, service_s=service_s, variant=variant, number=number)
        for number in range(rounds)
        for rate in rates or (200, 600)
        for variant, service_s in SERVERS.items()
    )


def changed(
    variant: str, rate: float, *, of: Sequence[RateStep] | None = None, **changes: Any
) -> list[RateStep]:
    return [
        replace(step, **changes) if (step.variant, step.rate) == (variant, rate) else step
        for step in of or sweep()
    ]


def judged(steps: Sequence[RateStep]) -> dict[tuple[str, float], RatePoint]:
    return {(point.variant, point.rate): point for point in judge_rates(steps)}


@pytest.mark.parametrize(
    ("share", "least", "most"), [(0.3, 0, 0), (0.8, 0, 1), (1.15, 9, 10), (3, 10, 10)]
)
def test_rates_below_capacity_are_stable_and_rates_above_it_are_not(
    share: float, least: int, most: int
) -> None:
    points = [
        judged(
            [
                queue_step(rate=share * 700, service_s=1 / 700, number=number, seed=seed)
                for number in range(3)
            ]
        )
        for seed in range(SEEDS)
    ]

    unstable = [p.stability == "unstable" for found in points for p in found.values()]
    assert least <= sum(unstable) <= most


@pytest.mark.parametrize(
    ("changes", "stability", "reason"),
    [
        ({}, "stable", ""),
        # A long queue at the end, or an empty one at the start, is no growth by itself.
        (LONGER, "stable", ""),
        (SLOWER, "stable", ""),
        (LONGER | SLOWER, "unstable", "the queue grew by"),
        # What was given up or answered with an error is not served.
        ({"answered": 300}, "unstable", " of the arrivals were answered 200, 0.0% otherwise"),
        ({"errors": 300}, "unstable", "of the arrivals were answered 200, 24.7%"),
        # A generator that is late or busy says nothing about the service.
        ({"client_cores": 0.81}, "generator-limited", "the client used 81% of a core"),
        ({"client_cores": 0.79}, "stable", ""),
        ({"lag_p99_us": None}, "stable", ""),
        # A lag of a millisecond or a twentieth of the median is allowed.
        ({"p50_us": 500.0, "lag_p99_us": 1000.0}, "stable", ""),
        ({"p50_us": 500.0, "lag_p99_us": 1100.0}, "generator-limited", "sent 1.1 ms late (p99)"),
        ({"p50_us": 50_000.0, "lag_p99_us": 2500.0}, "stable", ""),
        ({"p50_us": 50_000.0, "lag_p99_us": 2600.0}, "generator-limited", "sent 2.6 ms late (p99)"),
    ],
)
def test_only_a_stable_point_has_figures_and_any_other_says_why_it_has_none(
    changes: dict[str, Any], stability: str, reason: str
) -> None:
    point = judged(changed("cached", 600, **changes))["cached", 600]

    assert point.stability == stability
    assert reason in point.reason
    assert bool(point.reason) is bool(reason)
    assert (point.figures is None) is bool(reason)


def test_one_late_round_of_three_does_not_make_the_generator_the_limit() -> None:
    late = [
        replace(step, lag_p99_us=9000.0) if (step.variant, step.round) == ("cached", 0) else step
        for step in sweep()
    ]

    assert judged(late)["cached", 200].stability == "stable"


@pytest.mark.parametrize(
    ("rate", "changes", "highest"),
    [
        (300, {}, 600),
        (300, {"errors": 300}, 200),  # there must be no unstable one below it
        # What was not offered was not sustained either.
        (300, {"lag_p99_us": 100_000.0}, 600),
        (600, {"lag_p99_us": 9e4}, 300),
        (600, {"client_cores": 0.9}, 300),
    ],
)
def test_the_highest_stable_rate_has_no_unstable_one_below_it(
    rate: float, changes: dict[str, Any], highest: float
) -> None:
    points = judge_rates(changed("cached", rate, of=sweep(100, 200, 300, 600), **changes))

    assert highest_stable(points, "cached") == highest
    assert highest_stable(points, "uncached") == 300
    assert highest_stable(points, "naive") is None


def test_a_p99_of_few_answers_is_no_p99() -> None:
    steps = [replace(step, answered=367, arrivals=367) for step in sweep(200)]

    few, enough = (judged(each)["cached", 200].figures for each in (steps, sweep(200)))

    assert few is not None
    assert enough is not None
    assert few.p99_ms is None
    assert enough.p99_ms is not None
