"""What voids a run with many users at a time."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from benchmarks.analysis.checks.check import Check, Measured
from benchmarks.analysis.checks.judge import judge_checks
from benchmarks.analysis.checks.machine import load_pace as pace
from benchmarks.analysis.header import FailedRequests
from benchmarks.analysis.quantities.plan import Plan, responses
from benchmarks.analysis.quantities.summary import summarise
from benchmarks.storage.records import CaseUse, Sample
from tests.unit.benchmarks.analysis.checks.parts import changed, measured
from tests.unit.benchmarks.analysis.checks.test_machine import record
from tests.unit.benchmarks.load.simulated import load_header, load_samples
from tests.unit.benchmarks.simulate import DATABASE, ENVIRONMENT, sample


def checks(
    samples: Sequence[Sample] | None = None,
    *,
    scenario: str = "mostly-reads",
    rate: float | None = None,
    own: bool = True,
    system: Sequence[CaseUse] = (),
    **load: Any,
) -> dict[str, Check]:
    """Judge samples as those of a run whose header says so; noise is that of the cached one."""
    environment = replace(ENVIRONMENT, database=DATABASE if own else None, redis=None)
    described = {"cores": {"locust": 0.3}} | load
    header = load_header(scenario, rate=rate, environment=environment, **described)
    plan = Plan(replace(header, system=tuple(system)))
    given = [replace(each, scenario=scenario) for each in samples or load_samples()]
    groups = plan.groups(responses(given))
    summaries = {group.key: summarise(group) for group in groups}
    return {check.name: check for check in judge_checks(plan, groups, summaries)}


@cache
def sound() -> dict[str, Check]:
    return checks()


def failed(judged: dict[str, Check]) -> set[str]:
    return {name for name, check in judged.items() if check.wrong}


def one(**changes: Any) -> list[Sample]:
    """Return a run in which one cached read was otherwise."""
    return changed([*load_samples()], {"variant": "cached", "action": "list"}, **changes)


def test_a_run_in_which_all_is_well_passes_everything() -> None:
    assert failed(sound()) == set()
    assert sound().keys() >= {"errors", "outcomes", "redis-errors", "noise", "drift", "client"}
    # Only a run with a rate is asked for its pace.
    assert "pace" not in sound()
    assert "pace" in checks(rate=100.0)


@pytest.mark.parametrize(
    ("changes", "name", "detail", "advice"),
    [
        ({"status": 429, "outcome": "unknown"}, "errors", "1x 429 to list from cached", "TRUSTED"),
        ({"status": 0, "outcome": "unknown"}, "errors", "1x no answer to list from cached", ""),
        (
            {"slots": "todos=unavailable user=hit", "outcome": "miss"},
            "redis-errors",
            "1x todos=unavailable from cached",
            "",
        ),
        (
            {"slots": "todos=evicted user=evicted", "outcome": "miss"},
            "redis-errors",
            "1x todos=evicted",
            "",
        ),
        ({"slots": "todos=off user=off", "outcome": "bypass"}, "outcomes", "1x bypass", ""),
    ],
)
def test_a_single_wrong_answer_voids_the_run_and_is_named(
    changes: dict[str, Any], name: str, detail: str, advice: str
) -> None:
    judged = checks(one(**changes))

    assert failed(judged) == {name}
    assert judged[name].detail.startswith(detail)
    assert advice in judged[name].advice


@pytest.mark.parametrize("slots", ["todos=invalidated user=hit", "todos=waited user=cold"])
def test_a_miss_that_redis_answered_is_no_failure(slots: str) -> None:
    assert failed(checks(one(slots=slots, outcome="miss"))) == set()


def test_failures_that_no_block_counts_are_known_from_locusts_own_totals() -> None:
    lost = (FailedRequests(name="cached: list", requests=70, failures=2),)

    check = checks(failures=lost)["errors"]

    assert not check.passed
    assert check.detail == "2 failed of all 70 requests cached: list"


def test_bodies_are_compared_where_nobody_writes_and_the_data_is_ours() -> None:
    reads = [each for each in load_samples() if each.action == "list"]
    wrong = [*reads[:-1], replace(reads[-1], body_hash="else")]

    assert failed(checks(wrong, scenario="zipf")) == {"bodies"}
    assert "bodies" not in checks(wrong, scenario="zipf", own=False)
    assert "bodies" not in sound()


def test_noise_is_said_and_voids_nothing() -> None:
    loud = [
        replace(each, duration_s=each.duration_s * (1 + each.block % 4)) for each in load_samples()
    ]

    assert checks(loud)["noise"].result == "noisy"
    assert failed(checks(loud)) == set()


def test_a_busy_locust_is_named() -> None:
    check = checks(cores={"locust": 0.1, "locust-worker-1": 0.9, "locust-worker-2": None})["client"]

    assert not check.passed
    assert "locust-worker-1 used 0.90 of a core" in check.detail


@pytest.mark.parametrize(("steal_share", "passed"), [(0.01, True), (0.2, False)])
def test_a_machine_that_waits_is_what_load_is_but_stolen_time_is_not(
    steal_share: float,
    passed: bool,  # noqa: FBT001
) -> None:
    used = record(
        scenario="mostly-reads", regime="load", pressure_share=0.97, steal_share=steal_share
    )

    machine = checks(system=[used])["machine"]

    assert machine.passed is passed
    assert "pressure 97.0%" in machine.detail


def scheduled(*, late_s: float = 0.0, growing: bool = False) -> Measured:
    """Make two variants at 100 requests per second; the uncached one may not keep up."""
    samples = [
        sample(
            regime="load",
            variant=variant,
            block=number,
            observation=number // 2,
            intended_start_s=number + place / 100,
            start_s=number + place / 100 + late_s,
            duration_s=0.01 + (place / 100 if growing and variant == "uncached" else 0.0),
        )
        for number, variant in enumerate(["uncached", "cached"] * 3)
        for place in range(100)
    ]
    return measured(responses(samples))


@pytest.mark.parametrize(
    ("case", "said", "advice"),
    [
        # A service that cannot keep up is called unstable, not slow.
        (scheduled(growing=True), "uncached is unstable at 100/s", ""),
        # A generator that sends late is blamed itself.
        (scheduled(late_s=0.004), "sent late by p99 4.00 ms (at most 2.00)", "Locust"),
    ],
)
def test_a_rate_that_was_not_kept_fails_with_the_reason(
    case: Measured, said: str, advice: str
) -> None:
    check = pace(case, rate=100)

    assert not check.passed
    assert said in check.detail
    assert advice in check.advice
    assert check.detail.count("unstable") == ("unstable" in said)


def test_a_service_that_keeps_up_passes() -> None:
    check = pace(scheduled(), rate=100)

    assert check.passed
    assert "answered 100.0% of 100/s or more" in check.detail
