from dataclasses import replace

import pytest

from benchmarks.analysis.checks.check import Measured
from benchmarks.analysis.checks.control import control, controls
from tests.unit.benchmarks.analysis.checks.parts import controlled, delayed, measured, twice

NATIVE = delayed(0)


@pytest.mark.parametrize("delay_ms", [1, 20])
def test_a_delay_that_the_client_sees_as_the_span_says_passes(delay_ms: float) -> None:
    check = control(NATIVE, delayed(delay_ms))

    assert check.passed, check.detail
    assert (check.name, check.scenario) == ("control", "")
    assert f"with {delay_ms:g} ms per find a read of uncached took " in check.detail


@pytest.mark.parametrize(
    ("case", "advice"),
    [
        (delayed(20, client_ms=25), "outside of its spans"),
        (delayed(20, client_ms=10), "measure different things"),
        (replace(delayed(0), delay_ms=20), "appName"),  # the delay did not reach the service
    ],
)
def test_a_delay_that_does_not_come_out_as_it_was_put_in_fails(case: Measured, advice: str) -> None:
    check = control(NATIVE, case)

    assert check.wrong
    assert advice in check.advice


def test_a_delay_that_noise_hides_is_no_fault_but_cannot_be_told() -> None:
    loud = [
        replace(each, duration_s=each.duration_s * (2.2 if each.observation % 2 else 0.3))
        for each in delayed(1).samples
    ]

    check = control(NATIVE, replace(delayed(1), samples=loud))

    assert check.result == "cannot tell"
    assert "cannot be seen" in check.advice


def test_a_loud_machine_does_not_accuse_the_failpoint() -> None:
    loud = [
        replace(each, duration_s=each.duration_s + 0.004, db_ms=(each.db_ms or 0) + 4)
        if each.observation % 2
        else each
        for each in NATIVE.samples
    ]

    check = control(replace(NATIVE, samples=loud), delayed(20))

    assert check.passed
    assert "its database span 18" in check.detail  # less than 0.95 of the delay


def test_one_that_took_longer_than_asked_passes_since_the_span_says_so() -> None:
    assert control(NATIVE, replace(delayed(2.3), delay_ms=1)).passed


def test_without_database_times_nothing_can_be_told() -> None:
    silent = measured([replace(each, db_ms=None) for each in delayed(20).samples], delay_ms=20)

    check = control(NATIVE, silent)

    assert check.result == "cannot tell"
    assert check.detail == "too few blocks with a database time to tell 20 ms by"


def test_every_delay_that_was_put_in_is_looked_for_even_while_the_machine_becomes_slower() -> None:
    drifting = [
        replace(each, duration_s=each.duration_s * (1 + each.observation / 5))
        for each in twice(pairs=10, noise=0.0)
    ]

    steady = controls(measured(controlled(twice(pairs=10, noise=0.07))))
    [slowing, _] = controls(measured(controlled(drifting)))

    assert [check.passed for check in steady] == [True, True]
    assert [check.detail[:10] for check in steady] == ["with 1 ms ", "with 20 ms"]
    assert slowing.passed, slowing.detail
    assert controls(measured(twice(pairs=4, noise=0.0))) == []
