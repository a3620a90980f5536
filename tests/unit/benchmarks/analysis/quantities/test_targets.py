from dataclasses import replace

import pytest

from benchmarks.analysis.checks.sweep import client, judge_steps
from benchmarks.analysis.quantities.capacity import by_connections
from benchmarks.analysis.quantities.targets import (
    TARGETS,
    PerformanceTarget,
    TargetFinding,
    judge_targets,
)
from benchmarks.storage.records import SweepStep
from tests.unit.benchmarks.capacity.steps import RATES, ladder_steps, step

UNCACHED = {"uncached", "static"}
ABOVE = PerformanceTarget(
    text="", statistic="rate", connections=8, kind="at_least", bound=5, against="uncached"
)
BELOW = replace(ABOVE, kind="at_most")


def judged(steps: list[SweepStep], target: PerformanceTarget, **about: str) -> TargetFinding:
    [finding] = judge_targets(
        by_connections(steps), uncached=UNCACHED, targets=[target], failed=about.values()
    )
    return finding


@pytest.mark.parametrize(
    ("rate", "at_least", "at_most"),
    [(7000, "held", "not held"), (3000, "not held", "held"), (5000, "undecided", "undecided")],
)
def test_a_target_is_judged_by_the_whole_interval(rate: float, at_least: str, at_most: str) -> None:
    steps = ladder_steps(rates=RATES | {"cached": rate}, noise=0.03)

    assert judged(steps, ABOVE).decision == at_least
    assert judged(steps, BELOW).decision == at_most


def test_what_was_not_measured_is_not_judged() -> None:
    steps = ladder_steps()

    assert judged(steps, replace(ABOVE, against="aiocache")).decision == "not measured"
    assert judged(steps, replace(ABOVE, connections=64)).decision == "not measured"


def test_the_tail_is_the_variant_s_own_p99_over_its_p50() -> None:
    [tail] = [target for target in TARGETS if target.statistic == "tail"]

    finding = judged(ladder_steps(), tail)

    assert finding.measured is not None
    assert finding.measured.centre == pytest.approx(2.5)
    assert finding.decision == "held"


def test_the_hit_of_one_connection_is_compared_by_its_median_latency() -> None:
    [p50] = [target for target in TARGETS if target.statistic == "p50"]

    finding = judged(ladder_steps(), p50)

    assert finding.measured is not None
    assert finding.measured.centre == pytest.approx(9 / 7)


def test_one_round_decides_nothing() -> None:
    finding = judged(ladder_steps(rounds=1), ABOVE)

    assert (finding.decision, finding.reason) == ("undecided", "too few rounds")


def test_a_failed_check_decides_nothing() -> None:
    finding = judged(ladder_steps(), ABOVE, failed="errors")

    assert (finding.decision, finding.reason) == ("undecided", "failed: errors")


def test_a_busy_client_or_a_miss_leaves_the_targets_of_its_steps_undecided() -> None:
    steps = ladder_steps()
    place = next(n for n, s in enumerate(steps) if (s.variant, s.connections) == ("cached", 8))

    def with_step(**changes: float) -> list[SweepStep]:
        changed = replace(steps[place], **changes)  # type: ignore[arg-type]
        return [*steps[:place], changed, *steps[place + 1 :]]

    assert judged(with_step(client_cores=0.9), ABOVE).reason == "the client may have been the limit"
    assert judged(with_step(hits=1), ABOVE).reason == "not all were hits"
    assert judged(with_step(hits=1), replace(ABOVE, connections=1)).decision == "held"


def test_sound_steps_pass_every_check() -> None:
    guards = judge_steps(ladder_steps(), uncached=UNCACHED)

    assert [(guard.name, guard.passed) for guard in guards] == [("errors", True), ("hits", True)]


@pytest.mark.parametrize(
    ("wrong", "name", "detail"),
    [
        (step(errors=3), "errors", "3 from cached"),
        (step(hits=980), "hits", "0.98 of cached at 8"),
    ],
)
def test_a_wrong_step_fails_its_check_and_no_other(
    wrong: SweepStep, name: str, detail: str
) -> None:
    guards = judge_steps([*ladder_steps(), wrong], uncached=UNCACHED)

    [failed] = [guard for guard in guards if not guard.passed]
    assert failed.name == name
    assert detail in failed.detail
    assert failed.advice


def test_a_stand_in_for_redis_fails_a_check_of_its_own() -> None:
    guards = judge_steps(ladder_steps(), uncached=UNCACHED, redis_measures_latency=False)

    assert [guard.name for guard in guards if not guard.passed] == ["redis"]


def test_a_busy_client_fails_its_check_only_where_a_target_is_judged() -> None:
    busy = [step(connections=64, client_cores=0.99)]

    assert client(busy, [ABOVE]).passed
    assert not client(busy, [replace(ABOVE, connections=64)]).passed
