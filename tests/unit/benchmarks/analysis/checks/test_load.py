"""What voids a run with many users at a time."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.judge import judge_checks
from benchmarks.analysis.checks.machine import load_pace as pace
from benchmarks.analysis.header import FailedRequests
from benchmarks.analysis.quantities.groups import Group, groups_of, responses
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
    header = replace(header, system=tuple(system))
    given = [replace(each, scenario=scenario) for each in samples or load_samples()]
    found = judge_checks(header, groups_of(header, responses(given)))
    return {check.name: check for check in found}


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
    assert sound().keys() >= {"errors", "outcomes", "noise", "drift", "client"}
    # Only a run with a rate is asked for its pace.
    assert "pace" not in sound()


def with_another_body() -> list[Sample]:
    reads = [each for each in load_samples() if each.action == "list"]
    return [*reads[:-1], replace(reads[-1], body_hash="else")]


def loud() -> list[Sample]:
    return [
        replace(each, duration_s=each.duration_s * (1 + each.block % 4)) for each in load_samples()
    ]


def waiting(*, steal_share: float) -> CaseUse:
    """Use the machine as loads do: tasks wait for a CPU nearly all the time."""
    return record(
        scenario="mostly-reads", regime="load", pressure_share=0.97, steal_share=steal_share
    )


LATE = "todos=unavailable user=unavailable"
LOST = FailedRequests(name="cached: list", requests=70, failures=2)
BUSY = {"locust": 0.1, "locust-worker-1": 0.9, "locust-worker-2": None}


@pytest.mark.parametrize(
    ("samples", "how", "name", "result", "detail"),
    [
        (one(status=429), {}, "errors", "wrong", "1x 429 to list from cached"),
        (one(status=0), {}, "errors", "wrong", "1x no answer to list from cached"),
        # Failures that no block counts are known from Locust's own totals.
        (None, {"failures": (LOST,)}, "errors", "wrong", "2 failed of all 70 requests cached"),
        (one(outcome="bypass", slots=LATE), {}, "outcomes", "noisy", "1x bypass on a first read"),
        (one(outcome="bypass"), {}, "outcomes", "wrong", "1x bypass on a first read of cached"),
        # What one session meets depends on the others.
        (one(outcome="miss"), {"scenario": "session"}, "outcomes", "passed", "bypassing: uncached"),
        (with_another_body(), {"scenario": "zipf"}, "bodies", "wrong", "bodies differ for 1 of"),
        (loud(), {}, "noise", "noisy", "uncached against itself"),
        (None, {"cores": BUSY}, "client", "wrong", "locust used 0.10 of a core, locust-worker-1"),
        (None, {"system": [waiting(steal_share=0.01)]}, "machine", "passed", "steal 1.0%"),
        (None, {"system": [waiting(steal_share=0.2)]}, "machine", "noisy", "steal 20.0%"),
        (None, {"rate": 40.0}, "pace", "passed", "sent late by p99 0.00 ms (at most 2.00)"),
    ],
)
def test_what_is_wrong_under_load_fails_its_check_and_no_other(
    samples: list[Sample] | None, how: dict[str, Any], name: str, result: str, detail: str
) -> None:
    judged = checks(samples, **how)

    assert judged[name].result == result
    assert judged[name].detail.startswith(detail)
    assert failed(judged) == ({name} if result == "wrong" else set())


def test_bodies_are_compared_where_nobody_writes_and_the_data_is_ours() -> None:
    assert "bodies" not in checks(with_another_body(), scenario="zipf", own=False)
    assert "bodies" not in sound()


def scheduled(*, late_s: float = 0.0, growing: bool = False) -> Group:
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
    ("case", "passed", "said", "advice"),
    [
        (scheduled(), True, "answered 100.0% of 100/s or more", ""),
        # A service that cannot keep up is called unstable, not slow.
        (scheduled(growing=True), False, "uncached is unstable at 100/s", "a lower rate"),
        # A generator that sends late is blamed itself.
        (scheduled(late_s=0.004), False, "sent late by p99 4.00 ms (at most 2.00)", "Locust"),
    ],
)
def test_a_rate_that_was_not_kept_fails_with_the_reason(
    case: Group,
    passed: bool,  # noqa: FBT001
    said: str,
    advice: str,
) -> None:
    check = pace(case, rate=100)

    assert check.passed is passed
    assert said in check.detail
    assert advice in check.advice
    assert check.detail.count("unstable") == ("unstable" in said)
