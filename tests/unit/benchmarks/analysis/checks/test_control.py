from dataclasses import replace

import pytest

from benchmarks.analysis.checks.control import control, controls, delay, redis_delay
from tests.unit.benchmarks.analysis.checks.parts import controlled, delayed, measured, twice
from tests.unit.benchmarks.simulate import run_samples

NATIVE = delayed(0)


@pytest.mark.parametrize("delay_ms", [1, 20])
def test_a_delay_that_the_client_sees_as_the_span_says_passes(delay_ms: float) -> None:
    guard = control(NATIVE, delayed(delay_ms))

    assert guard.passed, guard.detail
    assert guard.name == "control"
    assert guard.scenario == ""
    assert f"with {delay_ms:g} ms per find a read of uncached took " in guard.detail


def test_a_service_that_is_slower_by_more_than_its_span_says_fails() -> None:
    guard = control(NATIVE, delayed(20, client_ms=25))

    assert not guard.passed
    assert "outside of its spans" in guard.advice


def test_a_client_that_sees_only_half_of_the_delay_fails() -> None:
    guard = control(NATIVE, delayed(20, client_ms=10))

    assert not guard.passed
    assert "measure different things" in guard.advice


def test_a_delay_that_did_not_reach_the_service_fails() -> None:
    part = replace(delayed(0), delay_ms=20)

    guard = control(NATIVE, part)

    assert not guard.passed
    assert "appName" in guard.advice


def test_a_delay_that_cannot_be_told_from_nothing_fails() -> None:
    part = delayed(1, client_ms=0)

    guard = control(NATIVE, part)

    assert not guard.passed
    assert "cannot be seen" in guard.advice


def test_a_loud_machine_does_not_accuse_the_failpoint() -> None:
    loud = [
        replace(each, duration_s=each.duration_s + 0.004, db_ms=(each.db_ms or 0) + 4)
        if each.observation % 2
        else each
        for each in NATIVE.samples
    ]

    guard = control(replace(NATIVE, samples=loud), delayed(20))

    assert guard.passed
    assert "its database span 18" in guard.detail  # less than 0.95 of the delay


def test_one_that_took_longer_than_asked_passes_since_the_span_says_so() -> None:
    part = replace(delayed(2.3), delay_ms=1)

    assert control(NATIVE, part).passed


def test_without_database_times_nothing_can_be_told() -> None:
    silent = measured([replace(each, db_ms=None) for each in delayed(20).samples], delay_ms=20)

    guard = control(NATIVE, silent)

    assert not guard.passed
    assert guard.detail == "too few blocks with a database time to tell 20 ms by"


def test_every_delay_that_was_put_in_is_looked_for() -> None:
    part = measured(controlled(twice(pairs=10, noise=0.07)))

    guards = controls(part)

    assert [guard.passed for guard in guards] == [True, True]
    assert [guard.detail.partition(" per find")[0] for guard in guards] == [
        "with 1 ms",
        "with 20 ms",
    ]


def test_where_no_delay_was_put_in_none_is_looked_for() -> None:
    assert controls(measured(twice(pairs=4, noise=0.0))) == []


def test_a_machine_that_becomes_slower_is_not_taken_for_the_delay() -> None:
    drifting = [
        replace(each, duration_s=each.duration_s * (1 + each.observation / 5))
        for each in twice(pairs=10, noise=0.0)
    ]

    [one, _] = controls(measured(controlled(drifting)))

    assert one.passed, one.detail


@pytest.mark.parametrize(
    ("database_ms", "passed", "seen"),
    [(50.9, True, "50.9 ms"), (3.1, False, "3.1 ms"), (None, False, "no database time")],
)
def test_a_delayed_regime_has_to_show_its_delay(
    database_ms: float | None,
    passed: bool,  # noqa: FBT001
    seen: str,
) -> None:
    guard = delay(measured(run_samples(), delay_ms=50), database_ms=database_ms)

    assert guard.passed is passed
    assert f"database time per uncached request: {seen}" in guard.detail


@pytest.mark.parametrize(
    ("cache_ms", "passed", "seen"),
    [(10.4, True, "10.4 ms"), (0.2, False, "0.2 ms"), (None, False, "none was reported")],
)
def test_a_far_redis_has_to_show_its_distance_in_the_misses(
    cache_ms: float | None,
    passed: bool,  # noqa: FBT001
    seen: str,
) -> None:
    samples = [
        replace(each, cache_ms=cache_ms if each.outcome == "miss" else 0.0)
        for each in run_samples(regime="redis+5ms")
    ]

    guard = redis_delay(measured(samples, redis_delay_ms=5))

    assert guard.passed is passed
    assert guard.detail == f"cache time per miss: {seen}; injected: 5 ms per round trip"
