from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.machine import client as client_of
from benchmarks.analysis.checks.machine import machine, mean_use, pace
from benchmarks.storage.records import CaseUse, Sample
from tests.unit.benchmarks.analysis.checks.parts import measured
from tests.unit.benchmarks.simulate import run_samples, sample

PART = measured(run_samples())


def client(used: CaseUse) -> Check:
    return client_of(
        PART, {"the client": mean_use([used], "client_cores")}, advice="free the machine"
    )


def record(**changes: Any) -> CaseUse:
    usual = CaseUse(
        scenario="session",
        regime="native",
        restart=0,
        seconds=10.0,
        busy_share=0.55,
        steal_share=0.003,
        pressure_share=0.08,
        client_cores=0.2,
    )
    return replace(usual, **changes)


def operation(index: int, due_s: float, start_s: float, took_s: float) -> Sample:
    return sample(
        scenario="mix", index=index, intended_start_s=due_s, start_s=start_s, duration_s=took_s
    )


def paced(
    *, rate: float = 100.0, late_s: float = 0.0, took_s: float = 0.002, operations: int = 200
) -> list[Sample]:
    """Start operations on schedule, each as soon as the one before is answered."""
    samples, free_s = [], 0.0
    for index in range(operations):
        due_s = index / rate
        start_s = max(due_s, free_s) + (late_s if index % 20 == 0 else 0.0)
        free_s = start_s + took_s
        samples.append(operation(index, due_s, start_s, took_s))
    return samples


def caught_up() -> list[Sample]:
    """Have a single slow answer, after which everything is late until it was caught up with."""
    late = [
        operation(100 + n, 1 + n / 100, max(1 + n / 100, 1.03 + n * 0.002), 0.002)
        for n in range(1, 100)
    ]
    return [*paced(operations=100), operation(100, 1.0, 1.0, 0.032), *late]


@pytest.mark.parametrize(
    ("changes", "result", "advice"),
    [
        ({"steal_share": 0.05, "pressure_share": 0.5}, "passed", ""),
        ({"steal_share": 0.051}, "noisy", "other virtual machines take the CPUs"),
        ({"pressure_share": 0.51}, "noisy", "end what else runs on this machine"),
    ],
)
def test_an_overloaded_machine_is_noisy(
    changes: dict[str, float], result: str, advice: str
) -> None:
    check = machine(PART, [record(**changes)])

    assert check.result == result
    assert check.advice.startswith(advice)


@pytest.mark.parametrize(
    ("cores", "passed", "detail"),
    [
        (0.7999, True, "the client used 0.80 of a core; below 0.8 it mostly waits"),
        (0.8001, False, "the client used 0.80 of a core; from 0.8 on times are mostly its own"),
    ],
)
def test_a_client_that_computes_all_the_time_fails(
    cores: float, detail: str, *, passed: bool
) -> None:
    check = client(record(client_cores=cores))

    assert (check.passed, check.detail) == (passed, detail)


def test_restarts_count_by_their_length_and_what_is_not_known_is_not_checked() -> None:
    used = [record(seconds=30.0, client_cores=0.1), record(seconds=10.0, client_cores=0.5)]
    silent = record(client_cores=None, steal_share=None, pressure_share=None)

    assert mean_use([*used, silent], "client_cores") == pytest.approx(0.2)
    assert client(silent).passed
    check = machine(PART, [silent])
    assert check.passed
    assert check.detail == "steal not known here, pressure not known here"


def judged(samples: list[Sample], rate: float = 100.0) -> Check:
    return pace(measured(samples, kind="mix", rate=rate))


def test_operations_that_start_when_they_are_due_pass() -> None:
    check = judged(paced())

    assert check.passed
    assert check.detail == (
        "started late by p99 0.00 ms (at most 1.00), 100.0 operations per second of 100 "
        "(at least 99%)"
    )
    # Long answers allow for a longer lag, and what is caught up with is not the client's fault.
    assert judged(paced(late_s=0.003, took_s=0.08, rate=10), rate=10).passed
    assert judged(caught_up()).passed


@pytest.mark.parametrize(
    ("slow", "late_ms", "advice"),
    [
        ({"late_s": 0.003}, "3.00", "the client could not keep its schedule"),
        ({"took_s": 0.012}, "0.00", "the service could not keep up"),
    ],
)
def test_a_pace_that_was_not_kept_fails_for_its_own_reason(
    slow: dict[str, float], late_ms: str, advice: str
) -> None:
    check = judged(paced(**slow))  # type: ignore[arg-type]

    assert not check.passed
    assert check.advice.startswith(advice)
    assert f"started late by p99 {late_ms} ms" in check.detail
