from collections.abc import Sequence
from typing import Any

import pytest

from benchmarks.analysis.checks.machine import Use, client, machine, pace
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import measured
from tests.unit.benchmarks.simulate import run_samples, sample

PART = measured(run_samples())


def record(**changes: Any) -> dict[str, Any]:
    values = {
        "scenario": "session",
        "regime": "native",
        "restart": 0,
        "seconds": 10.0,
        "busy_share": 0.55,
        "steal_share": 0.003,
        "pressure_share": 0.08,
        "client_cores": 0.2,
        "nonvoluntary_per_s": 12.0,
    }
    return values | changes


def paced(
    *, rate: float = 100.0, late_s: float = 0.0, took_s: float = 0.002, operations: int = 200
) -> list[Sample]:
    """Start operations on schedule, each as soon as the one before is answered."""
    samples, free_s = [], 0.0
    for index in range(operations):
        due_s = index / rate
        start_s = max(due_s, free_s) + (late_s if index % 20 == 0 else 0.0)
        free_s = start_s + took_s
        samples.append(
            sample(
                scenario="mix",
                index=index,
                intended_start_s=due_s,
                start_s=start_s,
                duration_s=took_s,
            )
        )
    return samples


def test_a_quiet_machine_passes() -> None:
    use = Use.of([record()])

    assert client(PART, use).passed
    assert machine(PART, use).passed
    assert machine(PART, use).detail == (
        "steal 0.3% (at most 5%), pressure 8.0% (at most 50%), "
        "12 times a second a CPU was taken from the client"
    )


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"steal_share": 0.12}, "other virtual machines take the CPUs"),
        ({"pressure_share": 0.9}, "end what else runs on this machine"),
    ],
)
def test_an_overloaded_machine_fails(changes: dict[str, float], advice: str) -> None:
    guard = machine(PART, Use.of([record(**changes)]))

    assert not guard.passed
    assert guard.advice.startswith(advice)


def test_a_client_that_computes_all_the_time_fails() -> None:
    guard = client(PART, Use.of([record(client_cores=0.93)]))

    assert not guard.passed
    assert "the client used 0.93 of a core" in guard.detail


def test_restarts_count_by_their_length() -> None:
    use = Use.of([record(seconds=30.0, steal_share=0.0), record(seconds=10.0, steal_share=0.08)])

    assert use.steal_share == pytest.approx(0.02)


def test_what_a_machine_does_not_tell_is_not_checked() -> None:
    unknown = dict.fromkeys(
        ("steal_share", "pressure_share", "client_cores", "nonvoluntary_per_s"), None
    )
    use = Use.of([record(**unknown)])

    assert machine(PART, use).passed
    assert machine(PART, use).detail == "steal not known here, pressure not known here"
    assert client(PART, use).passed


def guard_of(samples: Sequence[Sample], rate: float = 100.0) -> Any:
    return pace(measured(samples, mix=True, rate=rate))


def test_operations_that_start_when_they_are_due_pass() -> None:
    guard = guard_of(paced())

    assert guard.passed
    assert guard.detail == (
        "started late by p99 0.00 ms (at most 1.00), 100.0 operations per second of 100 "
        "(at least 99%)"
    )


def test_a_client_that_wakes_up_late_fails() -> None:
    guard = guard_of(paced(late_s=0.003))

    assert not guard.passed
    assert "the client could not keep its schedule" in guard.advice


def test_long_answers_allow_for_a_longer_lag() -> None:
    assert guard_of(paced(late_s=0.003, took_s=0.08, rate=10), rate=10).passed


def test_a_service_that_cannot_keep_up_fails_for_its_own_reason() -> None:
    guard = guard_of(paced(took_s=0.012))

    assert not guard.passed
    assert "the service could not keep up" in guard.advice
    assert "started late by p99 0.00 ms" in guard.detail


def test_a_single_slow_answer_is_caught_up_with_and_is_not_the_client_s_fault() -> None:
    samples = paced(operations=100)
    late = [
        sample(
            scenario="mix",
            index=100 + number,
            intended_start_s=1 + number / 100,
            start_s=max(1 + number / 100, 1.03 + number * 0.002),
            duration_s=0.002,
        )
        for number in range(1, 100)
    ]
    stalled = sample(scenario="mix", index=100, intended_start_s=1.0, start_s=1.0, duration_s=0.032)

    assert guard_of([*samples, stalled, *late]).passed
