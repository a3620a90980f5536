from dataclasses import replace

import pytest

from benchmarks.analysis.checks.drift import drift
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import measured, slower
from tests.unit.benchmarks.simulate import run_samples

CLEAN_RUNS = 60


def session(*, noise: float = 0.05, seed: int = 1, observations: int = 16) -> list[Sample]:
    return run_samples(
        observations=observations, noise=noise, seed=seed, times_ms={"bypass": 2.4, "hit": 0.3}
    )


def late(sample: Sample) -> bool:
    return sample.variant == "cached" and sample.observation >= 8


def test_two_halves_that_are_alike_pass() -> None:
    guard = drift(measured(session()))

    assert guard.passed
    assert guard.detail.startswith("ratio of the second half to the first, at 99.9%: cached ")


@pytest.mark.parametrize("factor", [1.4, 1 / 1.4])
def test_a_service_that_became_slower_or_faster_fails(factor: float) -> None:
    guard = drift(measured(slower(session(), late, factor)))

    assert not guard.passed
    assert "let it settle" in guard.advice


@pytest.mark.parametrize("factor", [1.05, 1 / 1.05])
def test_a_change_within_the_margin_of_the_verdicts_passes_however_sure_it_is(
    factor: float,
) -> None:
    assert drift(measured(slower(session(noise=0.002), late, factor))).passed


def test_a_machine_that_became_slower_for_everybody_changes_no_ratio() -> None:
    samples = slower(session(), lambda each: each.observation >= 8, 1.4)

    assert drift(measured(samples)).passed


def test_clean_runs_pass() -> None:
    runs = (drift(measured(session(noise=0.07, seed=seed))) for seed in range(CLEAN_RUNS))

    assert all(guard.passed for guard in runs)


def test_few_observations_of_a_loud_machine_pass_too() -> None:
    runs = (
        drift(measured(session(noise=0.2, seed=seed, observations=10)))
        for seed in range(10 * CLEAN_RUNS)
    )

    assert all(guard.passed for guard in runs)


def test_restarts_follow_each_other_in_time() -> None:
    samples = [
        replace(each, restart=each.observation // 8, observation=each.observation)
        for each in session()
    ]

    assert not drift(measured(slower(samples, lambda s: late(s) and s.restart > 0, 1.4))).passed


def test_a_ceiling_is_not_looked_at() -> None:
    samples = run_samples(observations=16, variants=("uncached", "static"))
    samples = slower(samples, lambda s: s.variant == "static" and s.observation >= 8, 3)

    assert drift(measured(samples)).passed


def test_too_few_observations_have_no_halves() -> None:
    guard = drift(measured(session(observations=3)))

    assert guard.passed
    assert "no halves to compare" in guard.detail
