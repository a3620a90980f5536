from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.checks.sweep import judge_steps
from benchmarks.analysis.quantities.capacity import (
    TARGETS,
    PerformanceTarget,
    SweepPoint,
    TargetFinding,
    judge_targets,
    summarise_sweep,
)
from benchmarks.storage.records import SweepStep
from tests.unit.benchmarks.capacity.steps import RATES, step, sweep_steps


def points(steps: list[SweepStep]) -> dict[tuple[str, int], SweepPoint]:
    found = summarise_sweep(steps, variants=list(RATES), ceiling="static")
    return {(point.variant, point.connections): point for point in found}


def test_ratios_are_of_the_same_round_so_a_machine_that_drifts_does_not_blur_them() -> None:
    found = points(sweep_steps())["cached", 8]

    assert found.speedup is not None
    assert found.of_ceiling is not None
    assert found.speedup.low < 7 < found.speedup.high
    assert found.speedup.high / found.speedup.low < 1.1
    assert found.of_ceiling.centre == pytest.approx(7 / 9, rel=0.02)


def test_points_come_by_variant_and_connections_and_none_is_compared_with_itself() -> None:
    found = points(sweep_steps(connections=(8, 1)))

    assert list(found) == [(variant, each) for variant in RATES for each in (1, 8)]
    assert found["uncached", 8].speedup is found["static", 8].of_ceiling is None
    assert found["static", 8].speedup is not None


def test_a_round_that_was_cut_short_pairs_only_what_it_has_and_one_has_no_interval() -> None:
    steps = [each for each in sweep_steps() if (each.round, each.variant) != (3, "uncached")]

    cut, single = points(steps)["cached", 8], points(sweep_steps(rounds=1))["cached", 8]

    assert cut.speedup is not None
    assert single.rate > 0
    assert single.speedup is None


def test_latencies_are_medians_of_the_rounds_and_hits_a_share_of_all_requests() -> None:
    steps = [
        step(round=number, p50_us=p50, p99_us=10 * p50, hits=hits)
        for number, (p50, hits) in enumerate([(1000, 1000), (1200, 1000), (9000, 700)])
    ]

    found = points(steps)["cached", 8]

    assert (found.p50_ms, found.p99_ms, found.hit_ratio) == (1.2, 12.0, 0.9)


UNCACHED = {"uncached", "static"}
ABOVE = PerformanceTarget(
    text="", statistic="rate", connections=8, kind="at_least", bound=5, against=("uncached",)
)
BELOW = replace(ABOVE, kind="at_most")


def judged(
    steps: list[SweepStep], target: PerformanceTarget = ABOVE, *, failed: tuple[str, ...] = ()
) -> TargetFinding:
    [finding] = judge_targets(steps, uncached=UNCACHED, targets=[target], failed=failed)
    return finding


def changed(**changes: Any) -> list[SweepStep]:
    """Return a sweep in which one step of the cached variant at 8 connections was otherwise."""
    steps = sweep_steps()
    place = next(n for n, s in enumerate(steps) if (s.variant, s.connections) == ("cached", 8))
    return [*steps[:place], replace(steps[place], **changes), *steps[place + 1 :]]


@pytest.mark.parametrize(
    ("rate", "at_least", "at_most"),
    [(7000, "held", "not held"), (3000, "not held", "held"), (5000, "undecided", "undecided")],
)
def test_a_target_is_judged_by_the_whole_interval(rate: float, at_least: str, at_most: str) -> None:
    steps = sweep_steps(rates=RATES | {"cached": rate}, noise=0.03)

    assert judged(steps, ABOVE).decision == at_least
    assert judged(steps, BELOW).decision == at_most


def test_of_several_the_fastest_of_each_round_is_what_counts() -> None:
    steps = sweep_steps(rates=RATES | {"aiocache": 1000.0}, noise=0.0)
    fastest = replace(ABOVE, against=("cashews", "aiocache"))

    finding = judged(steps, fastest)

    assert finding.measured is not None
    assert finding.measured.centre == pytest.approx(7000 / 1100, rel=0.01)


@pytest.mark.parametrize("other", [{"against": ("uncached", "aiocache")}, {"connections": 64}])
def test_what_was_not_measured_is_not_judged(other: dict[str, Any]) -> None:
    assert judged(sweep_steps(), replace(ABOVE, **other)).decision == "not measured"


# The tail is the variant's own p99 over its p50, the p50 that of one connection.
@pytest.mark.parametrize(
    ("statistic", "centre", "decision"),
    [("tail", 2.5, "held"), ("p50", 9 / 7, "held"), ("time", 1.0, "held")],
)
def test_latencies_have_targets_too(statistic: str, centre: float, decision: str) -> None:
    target = next(target for target in TARGETS if target.statistic == statistic)
    steps = sweep_steps()
    # A miss takes as long as an uncached read.
    steps += [
        replace(each, variant=variant, asks="miss", hits=0)
        for each in steps
        if each.variant == "uncached"
        for variant in ("cached", "uncached")
    ]

    finding = judged(steps, target)

    assert finding.measured is not None
    assert finding.measured.centre == pytest.approx(centre)
    assert finding.decision == decision


@pytest.mark.parametrize(
    ("steps", "failed", "reason"),
    [
        (sweep_steps(rounds=1), (), "too few rounds"),
        (sweep_steps(), ("redis",), "failed: redis"),
        (changed(client_cores=0.9), (), "failed: client"),
        (changed(hits=1), (), "failed: hits"),
        (changed(errors=1, hits=1), ("redis",), "failed: redis, errors, hits"),
    ],
)
def test_what_leaves_a_target_undecided_is_said(
    steps: list[SweepStep], failed: tuple[str, ...], reason: str
) -> None:
    finding = judged(steps, failed=failed)

    assert (finding.decision, finding.reason) == ("undecided", reason)


def test_a_miss_leaves_the_targets_of_other_steps_alone() -> None:
    assert judged(changed(hits=1), replace(ABOVE, connections=1)).decision == "held"


@pytest.mark.parametrize(
    ("wrong", "measures_latency", "name", "detail"),
    [
        ([], True, None, ""),
        ([step(errors=3)], True, "errors", "not of cached at 8"),
        ([step(hits=980)], True, "hits", "not of cached at 8"),
        ([step(client_cores=0.99)], True, "client", "not of cached at 8"),
        # No target is judged by this step.
        ([step(connections=64, client_cores=0.99)], True, None, ""),
        ([], False, "redis", "a stand-in answers in place of Redis"),
    ],
)
def test_a_wrong_step_or_a_stand_in_for_redis_fails_its_check_and_no_other(
    wrong: list[SweepStep],
    measures_latency: bool,  # noqa: FBT001
    name: str | None,
    detail: str,
) -> None:
    steps = [*sweep_steps(), *wrong]

    checks = judge_steps(
        steps, [judged(steps)], uncached=UNCACHED, redis_measures_latency=measures_latency
    )

    failed = [check for check in checks if not check.passed]
    assert [check.name for check in failed] == ([name] if name else [])
    assert all(detail in check.detail and check.advice for check in failed)
