from dataclasses import replace

import pytest

from benchmarks.analysis.checks.drift import drift
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import measured, slower
from tests.unit.benchmarks.simulate import run_samples


def session(*, noise: float = 0.05, seed: int = 1, observations: int = 16) -> list[Sample]:
    return run_samples(
        observations=observations,
        sessions=1,
        noise=noise,
        seed=seed,
        times_ms={"bypass": 2.4, "hit": 0.3},
    )


def late(sample: Sample) -> bool:
    return sample.variant == "cached" and sample.observation >= 8


def test_two_halves_that_are_alike_pass() -> None:
    check = drift(measured(session()))

    assert check.passed
    assert check.detail.startswith("ratio of the second half to the first, at 99.9%: cached ")


@pytest.mark.parametrize("factor", [1.4, 1 / 1.4])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_service_that_became_slower_or_faster_fails(factor: float, *, restarted: bool) -> None:
    # Restarts follow each other in time.
    samples = [replace(s, restart=s.observation // 8 if restarted else 0) for s in session()]

    check = drift(measured(slower(samples, late, factor)))

    assert not check.passed
    assert "let it settle" in check.advice


@pytest.mark.parametrize("factor", [1.05, 1 / 1.05])
def test_a_change_within_the_margin_of_the_verdicts_passes_however_sure_it_is(
    factor: float,
) -> None:
    assert drift(measured(slower(session(noise=0.002), late, factor))).passed


def test_a_machine_that_became_slower_for_everybody_changes_no_ratio() -> None:
    samples = slower(session(), lambda each: each.observation >= 8, 1.4)

    assert drift(measured(samples)).passed


@pytest.mark.parametrize(
    ("noise", "observations", "runs"), [(0.07, 16, 60), (0.2, 10, 300)], ids=["clean", "loud"]
)
def test_clean_runs_and_few_observations_of_a_loud_machine_pass(
    noise: float, observations: int, runs: int
) -> None:
    samples = (session(noise=noise, seed=seed, observations=observations) for seed in range(runs))

    assert all(drift(measured(each)).passed for each in samples)


def test_a_ceiling_is_not_looked_at() -> None:
    samples = run_samples(observations=16, variants=("uncached", "static"))
    samples = slower(samples, lambda s: s.variant == "static" and s.observation >= 8, 3)

    assert drift(measured(samples)).passed


def test_too_few_observations_have_no_halves() -> None:
    check = drift(measured(session(observations=3)))

    assert check.passed
    assert "no halves to compare" in check.detail
