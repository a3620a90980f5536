from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.control import control, controls
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import controlled, delayed, measured, twice

NATIVE = delayed(0)


def looked_for(delay_ms: int, slow: Sequence[Sample], native: Sequence[Sample] = NATIVE) -> Check:
    """Look for a delay in reads of the reference under another name."""
    renamed = [
        replace(each, variant="uncached slowed") for each in slow if each.variant == "uncached"
    ]
    return control(measured([*native, *renamed]), "uncached slowed", delay_ms)


@pytest.mark.parametrize(
    ("delay_ms", "slow"),
    [
        (1, delayed(1)),
        (20, delayed(20)),
        # A failpoint may wait longer than asked, since the span says so.
        (1, delayed(2.3)),
    ],
)
def test_a_delay_that_the_client_sees_as_the_span_says_passes(
    delay_ms: int, slow: list[Sample]
) -> None:
    check = looked_for(delay_ms, slow)

    assert check.passed, check.detail
    assert (check.name, check.scenario) == ("control", "")
    assert f"with {delay_ms} ms per find a read of uncached took " in check.detail


@pytest.mark.parametrize(
    ("slow", "advice"),
    [
        (delayed(20, client_ms=25), "outside of its spans"),
        (delayed(20, client_ms=10), "measure different things"),
        (NATIVE, "appName"),  # the delay did not reach the service
    ],
)
def test_a_delay_that_does_not_come_out_as_it_was_put_in_fails(
    slow: list[Sample], advice: str
) -> None:
    check = looked_for(20, slow)

    assert check.wrong
    assert advice in check.advice


def test_a_delay_that_noise_hides_is_no_fault_but_cannot_be_told() -> None:
    loud = [
        replace(each, duration_s=each.duration_s * (2.2 if each.observation % 2 else 0.3))
        for each in delayed(1)
    ]

    check = looked_for(1, loud)

    assert check.result == "cannot tell"
    assert "cannot be seen" in check.advice


def test_a_loud_machine_does_not_accuse_the_failpoint() -> None:
    loud = [
        replace(each, duration_s=each.duration_s + 0.004, db_ms=(each.db_ms or 0) + 4)
        if each.observation % 2
        else each
        for each in NATIVE
    ]

    check = looked_for(20, delayed(20), loud)

    assert check.passed
    assert "its database span 18" in check.detail  # less than 0.95 of the delay


def test_without_database_times_nothing_can_be_told() -> None:
    check = looked_for(20, [replace(each, db_ms=None) for each in delayed(20)])

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
