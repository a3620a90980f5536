from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest

from benchmarks.analysis.checks import Check, judge_checks
from benchmarks.analysis.checks.judge import counted_of
from benchmarks.analysis.quantities.plan import Plan
from benchmarks.analysis.quantities.summary import summarise
from benchmarks.measure.regimes import REGIMES
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import controlled, delayed, twice
from tests.unit.benchmarks.analysis.checks.test_counters import counted
from tests.unit.benchmarks.analysis.checks.test_machine import record
from tests.unit.benchmarks.simulate import coherence, header, run_samples, scenario, variants


def judged(samples: Sequence[Sample], **changes: Any) -> list[Check]:
    plan = Plan(header(**changes))
    groups = plan.groups(samples)
    summaries = {group.key: summarise(group.samples, variants=group.variants) for group in groups}
    return judge_checks(plan, groups, summaries)


def names(checks: Sequence[Check]) -> list[str]:
    return [check.name for check in checks]


def failed(checks: Sequence[Check]) -> list[str]:
    return [check.name for check in checks if not check.passed]


def whole_run() -> list[Sample]:
    """Measure what the harness proves itself by: native, a slower database, and against itself."""
    a_a = [
        replace(each, outcome="hit" if each.variant.startswith("cached") else "bypass")
        for each in twice(pairs=20, noise=0.02)
    ]
    first_reads = [replace(each, outcome="miss") if each.outcome == "hit" else each for each in a_a]
    return [*delayed(0).samples, *delayed(20).samples, *controlled(first_reads)]


def test_a_sound_run_passes_every_check() -> None:
    checks = judged(
        whole_run(),
        counters=[asdict(counted("uncached")), asdict(counted("cached"))],
        system=[record()],
    )

    assert failed(checks) == []
    per_part = ["errors", "bodies", "outcomes"]
    assert names(checks) == [
        *per_part,
        *("drift", "client", "machine"),
        *(*per_part, "delay", "drift"),
        *(*per_part, "noise", "noise", "control", "control"),
        *("counters", "counters"),
        *("coherence", "coherence"),
    ]
    assert {check.name for check in checks if not check.scenario} == {
        *("noise", "control", "counters", "coherence")
    }


def test_a_delay_that_does_not_show_fails_in_its_regime() -> None:
    checks = judged(run_samples(regime="50ms-per-query", db_ms=3.1))

    [check] = [check for check in checks if not check.passed]
    assert (check.name, check.regime) == ("delay", "50ms-per-query")


def test_a_far_redis_that_is_not_far_fails_in_its_regime() -> None:
    samples = [replace(each, cache_ms=0.2) for each in run_samples(regime="redis+5ms")]

    checks = judged(samples, regimes=[asdict(REGIMES["redis+5ms"]) | {"skipped": None}])

    assert failed(checks) == ["redis-delay"]


def test_a_stand_in_for_redis_fails_a_check_of_its_own() -> None:
    environment = header()["environment"]
    environment["redis"]["measures_latency"] = False

    assert failed(judged(run_samples(), environment=environment)) == ["redis"]


def test_the_full_profile_grants_less_noise() -> None:
    samples = [each for each in whole_run() if each.regime == "a/a"]
    loud = twice(pairs=20, noise=0.1, seed=2)
    loud = [
        replace(each, outcome=quiet.outcome) for each, quiet in zip(loud, samples, strict=False)
    ]

    quick = judged(loud)
    full = judged(loud, options=header()["options"] | {"profile": "full"})

    details = [[g.detail for g in checks if g.name == "noise"] for checks in (quick, full)]
    assert all("half-width 10%" in detail for detail in details[0])
    assert all("half-width 5%" in detail and "noisy" in detail for detail in details[1])


def test_a_paced_mix_is_checked_for_its_pace() -> None:
    entry = scenario("session", kind="mix", rate=50.0, requests=0)

    checks = judged(run_samples(), scenarios=[entry])

    assert "pace" in failed(checks)  # every sample starts at once


def test_a_scenario_that_writes_is_compared_by_operation() -> None:
    entry = scenario("session", kind="mix", changing=["complete"])

    [bodies] = [g for g in judged(run_samples(), scenarios=[entry]) if g.name == "bodies"]

    assert bodies.detail == "byte-equal bodies for all 80 operations"


def test_a_rival_is_counted_for_information_and_its_wrong_answers_are_its_own() -> None:
    rival = counted("naive")
    lying = replace(rival, warm=replace(rival.warm, user_finds=7))

    checks = judged(
        run_samples(),
        variants=variants("uncached", "cached", "naive"),
        counters=[asdict(lying)],
        coherence=[coherence("naive", stale=3)],
    )

    assert failed(checks) == []
    assert any("7 warm finds of users" in check.detail for check in checks)


@pytest.mark.parametrize("changes", [{"stale": 1}, {"errors": 1}])
def test_a_wrong_answer_of_ours_fails_the_run(changes: dict[str, int]) -> None:
    assert failed(judged(run_samples(), coherence=[coherence("cached", **changes)])) == [
        "coherence"
    ]


def test_a_count_is_read_back_as_it_was() -> None:
    assert counted_of(asdict(counted())) == counted()
