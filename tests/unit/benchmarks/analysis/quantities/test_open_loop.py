import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from benchmarks.analysis.quantities.open_loop import (
    RateComparison,
    RateRung,
    compare_rates,
    highest_stable,
    judge_rates,
)
from benchmarks.analysis.quantities.rate_step import RateStep, by_rate
from tests.unit.benchmarks.queueing import queue_step

SERVERS = {"uncached": 0.002, "cached": 0.0005}


def ladder(*, rates: tuple[float, ...] = (200, 600), rounds: int = 3) -> list[RateStep]:
    return [
        queue_step(rate=rate, service_s=service_s, variant=variant, number=number)
        for number in range(rounds)
        for rate in rates
        for variant, service_s in SERVERS.items()
    ]


def changed(steps: list[RateStep], variant: str, rate: float, **changes: Any) -> list[RateStep]:
    return [
        replace(step, **changes) if (step.variant, step.rate) == (variant, rate) else step
        for step in steps
    ]


def judged(steps: list[RateStep]) -> dict[tuple[str, float], RateRung]:
    return dict(judge_rates(by_rate(steps)))


def compared(steps: list[RateStep]) -> dict[float, RateComparison]:
    groups = by_rate(steps)
    found = compare_rates(groups, judge_rates(groups), reference="uncached", variant="cached")
    return {each.rate: each for each in found}


@pytest.mark.parametrize(
    ("share", "least", "most"), [(0.3, 0, 0), (0.8, 0, 1), (1.15, 19, 20), (3, 20, 20)]
)
def test_rates_below_capacity_are_stable_and_rates_above_it_are_not(
    share: float, least: int, most: int
) -> None:
    unstable = 0

    for seed in range(20):
        steps = [
            queue_step(rate=share * 700, service_s=1 / 700, number=number, seed=seed)
            for number in range(3)
        ]
        [rung] = judged(steps).values()
        unstable += rung.stability == "unstable"

    assert least <= unstable <= most


def test_a_stable_rung_has_figures_and_an_unstable_one_says_why_it_has_none() -> None:
    rungs = judged(ladder())

    stable, unstable = rungs["cached", 600], rungs["uncached", 600]
    assert stable.figures is not None
    assert 0.3 < stable.figures.p50_ms < stable.figures.p90_ms < 5
    assert (stable.stability, stable.reason, stable.figures.hit_ratio) == ("stable", "", 1.0)
    assert (unstable.stability, unstable.figures) == ("unstable", None)
    assert "the queue grew by" in unstable.reason


def test_a_long_queue_at_the_end_or_an_empty_one_at_the_start_is_no_growth_by_itself() -> None:
    steps = ladder()

    longer = changed(steps, "cached", 600, backlog_middle=0, backlog_end=40)
    slower = changed(steps, "cached", 600, first_half_p50_us=500.0, second_half_p50_us=900.0)
    both = changed(longer, "cached", 600, first_half_p50_us=500.0, second_half_p50_us=900.0)

    assert judged(longer)["cached", 600].stability == "stable"
    assert judged(slower)["cached", 600].stability == "stable"
    assert judged(both)["cached", 600].stability == "unstable"


def test_arrivals_that_were_given_up_or_answered_with_an_error_are_not_served() -> None:
    steps = ladder()
    arrivals = next(step.arrivals for step in steps if step.rate == 600)

    given_up = changed(steps, "cached", 600, answered=arrivals // 2)
    refused = changed(steps, "cached", 600, errors=arrivals // 2)

    for wrong in (given_up, refused):
        rung = judged(wrong)["cached", 600]
        assert (rung.stability, rung.figures) == ("unstable", None)
    assert "were answered 200, 0.0% otherwise" in judged(given_up)["cached", 600].reason
    assert "0.0% otherwise" not in judged(refused)["cached", 600].reason


def test_a_generator_that_is_late_or_busy_says_nothing_about_the_service() -> None:
    steps = ladder()

    late = judged(changed(steps, "uncached", 600, lag_p99_us=100_000.0))["uncached", 600]
    busy = judged(changed(steps, "cached", 200, client_cores=0.81))["cached", 200]
    idle = judged(changed(steps, "cached", 200, client_cores=0.79))["cached", 200]

    assert (late.stability, late.figures) == ("generator-limited", None)
    assert late.reason == "requests were sent 100.0 ms late (p99)"
    assert (busy.stability, busy.figures) == ("generator-limited", None)
    assert busy.reason == "the client used 81% of a core"
    assert idle.stability == "stable"


@pytest.mark.parametrize(
    ("p50_us", "lag_us", "stability"),
    [
        (500.0, 1000.0, "stable"),
        (500.0, 1100.0, "generator-limited"),
        (50_000.0, 2500.0, "stable"),
        (50_000.0, 2600.0, "generator-limited"),
        (500.0, None, "stable"),
    ],
)
def test_a_lag_of_a_millisecond_or_a_twentieth_of_the_median_is_allowed(
    p50_us: float, lag_us: float | None, stability: str
) -> None:
    steps = changed(ladder(), "cached", 200, p50_us=p50_us, lag_p99_us=lag_us)

    assert judged(steps)["cached", 200].stability == stability


def test_one_late_round_of_three_does_not_make_the_generator_the_limit() -> None:
    steps = ladder()
    place = next(n for n, s in enumerate(steps) if (s.variant, s.rate) == ("cached", 200))
    steps[place] = replace(steps[place], lag_p99_us=9000.0)

    assert judged(steps)["cached", 200].stability == "stable"


def test_the_highest_stable_rate_has_no_unstable_one_below_it() -> None:
    steps = ladder(rates=(100, 200, 300, 600))
    rungs = judged(steps)
    gap = judged(changed(steps, "cached", 300, errors=300))
    late = judged(changed(steps, "cached", 300, lag_p99_us=100_000.0))

    assert highest_stable(rungs, "uncached") == 300
    assert highest_stable(rungs, "cached") == 600
    assert highest_stable(gap, "cached") == 200
    assert highest_stable(late, "cached") == 600
    assert highest_stable(judged(changed(steps, "cached", 600, lag_p99_us=9e4)), "cached") == 600
    assert highest_stable(judged(changed(steps, "cached", 600, client_cores=0.9)), "cached") == 300
    assert highest_stable(rungs, "naive") is None


def test_variants_are_compared_where_both_are_stable() -> None:
    found = compared(ladder(rates=(200,)))[200]

    assert found.p50 is not None
    assert found.p99 is not None
    assert found.p50.low < found.p50.centre < found.p50.high
    # Their service times are as 4 to 1, and the slower one has a queue besides.
    assert found.p50.centre > 4
    assert found.reason == ""


def test_no_speedup_is_made_of_a_rate_that_one_cannot_stand() -> None:
    found = compared(ladder())[600]

    assert (found.p50, found.p99) == (None, None)
    assert found.reason == "uncached is unstable at this rate"


def test_where_both_are_unstable_or_the_generator_was_the_limit_there_is_no_ratio() -> None:
    steps = ladder()

    both = compared(changed(steps, "cached", 600, errors=600))[600]
    late = compared(changed(steps, "cached", 200, lag_p99_us=100_000.0))[200]

    assert both.reason == "uncached and cached are unstable at this rate"
    assert late.reason == "cached is limited by the generator at this rate"
    assert both.p50 is late.p50 is None


def test_a_ratio_is_of_the_same_round_so_a_machine_that_drifts_does_not_blur_it() -> None:
    steps = [
        replace(step, p50_us=base * 3**step.round)
        for step, base in zip(
            ladder(rates=(200,)), [6000, 1000, 6100, 1000, 5900, 1000], strict=True
        )
    ]

    found = compared(steps)[200]

    assert found.p50 is not None
    assert found.p50.centre == pytest.approx(6, rel=0.02)
    assert found.p50.high / found.p50.low < 1.2


def test_a_p99_of_few_answers_is_no_p99() -> None:
    steps = [replace(step, answered=366, arrivals=366) for step in ladder(rates=(200,))]

    figures = judged(steps)["cached", 200].figures
    found = compared(steps)[200]

    assert figures is not None
    assert (figures.p99_ms, figures.service_p99_ms) == (None, None)
    assert (found.p50 is None, found.p99) == (False, None)
    assert found.reason == "a p99 needs 367 answers in every step"


def test_one_round_has_figures_and_no_ratio() -> None:
    steps = ladder(rates=(200,), rounds=1)

    assert judged(steps)["cached", 200].figures is not None
    assert compared(steps)[200].reason == "too few rounds"


def test_a_rate_that_only_one_was_offered_is_not_compared() -> None:
    steps = [s for s in ladder() if (s.variant, s.rate) != ("cached", 200)]

    assert list(compared(steps)) == [600]


def test_a_step_is_plain_numbers() -> None:
    [step] = [s for s in ladder(rates=(200,), rounds=1) if s.variant == "cached"]

    assert RateStep(**json.loads(json.dumps(asdict(step)))) == step
