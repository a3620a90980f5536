from dataclasses import replace

import pytest

from benchmarks.analysis.checks.check import ALARM, Check
from benchmarks.analysis.checks.steadiness import drift, noise
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import measured, slower, twice
from tests.unit.benchmarks.simulate import run_samples


@pytest.mark.parametrize(
    ("block_noise", "difference", "result"),
    [
        (0.02, 0.0, "passed"),
        (0.02, 0.12, "noisy"),
        (0.02, 0.5, "noisy"),
        (0.02, -0.5, "noisy"),
        (0.4, 0.0, "noisy"),
    ],
)
def test_a_variant_that_is_not_surely_like_itself_is_noisy_and_no_more(
    block_noise: float, difference: float, result: str
) -> None:
    checks = noise(measured(twice(pairs=20, noise=block_noise, difference=difference)))

    assert len(checks) == 2
    for check, name in zip(checks, ("uncached", "cached"), strict=True):
        assert (check.name, check.scenario, check.result) == ("noise", "", result)
        assert check.detail.startswith(f"{name} against itself: ")
        assert bool(check.advice) is (result == "noisy")
        assert ("times as wide" in check.detail) is bool(difference)
        assert not check.wrong


def test_one_observation_cannot_tell_the_noise() -> None:
    [check] = noise(measured(twice(pairs=1, noise=0.02)))

    assert (check.result, check.advice) == ("cannot tell", "measure more blocks")


def session(*, block_noise: float = 0.05, seed: int = 1, observations: int = 16) -> list[Sample]:
    return run_samples(
        observations=observations,
        sessions=1,
        noise=block_noise,
        seed=seed,
        times_ms={"bypass": 2.4, "hit": 0.3},
    )


def late(sample: Sample) -> bool:
    return sample.variant == "cached" and sample.observation >= 8


def test_two_halves_that_are_surely_alike_pass() -> None:
    check = drift(measured(session()))

    assert check.passed
    assert check.detail.startswith("ratio of the second half to the first, at 90%: cached ")


@pytest.mark.parametrize("factor", [1.4, 1 / 1.4])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_service_that_became_slower_or_faster_is_noisy(factor: float, *, restarted: bool) -> None:
    # Restarts follow each other in time.
    samples = [replace(s, restart=s.observation // 8 if restarted else 0) for s in session()]

    check = drift(measured(slower(samples, late, factor)))

    assert (check.result, check.variants) == ("noisy", ("cached",))
    assert "let it settle" in check.advice


@pytest.mark.parametrize("factor", [1.05, 1 / 1.05])
def test_a_change_within_the_margin_of_the_verdicts_passes_however_sure_it_is(
    factor: float,
) -> None:
    assert drift(measured(slower(session(block_noise=0.002), late, factor))).passed


def test_a_machine_that_became_slower_for_everybody_changes_no_ratio() -> None:
    samples = slower(session(), lambda each: each.observation >= 8, 1.4)

    assert drift(measured(samples)).passed


@pytest.mark.parametrize(
    ("block_noise", "observations", "runs"), [(0.07, 16, 60), (0.2, 10, 300)], ids=["clean", "loud"]
)
def test_clean_runs_are_never_called_noisy(
    block_noise: float, observations: int, runs: int
) -> None:
    results = [
        drift(measured(session(block_noise=block_noise, seed=seed, observations=observations)))
        for seed in range(runs)
    ]

    assert "noisy" not in {check.result for check in results}


def halves_of(check: Check) -> str:
    return check.detail.partition("cached ")[2]


def test_an_interval_that_holds_everything_is_no_pass() -> None:
    # Four observations that differ by half: the second half is 0.4 to 3 times the first.
    check = drift(measured(session(block_noise=0.5, observations=4)))

    assert check.result == "cannot tell"
    assert halves_of(check)
    assert check.advice == "measure more blocks"
    assert ALARM > 0.99


def test_a_ceiling_is_not_looked_at() -> None:
    names = ("uncached", "cached", "static")
    samples = run_samples(observations=16, variants=names)
    samples = slower(samples, lambda s: s.variant == "static" and s.observation >= 8, 3)

    assert drift(measured(samples)).passed


def test_too_few_observations_have_no_halves_and_cannot_tell() -> None:
    check = drift(measured(session(observations=3)))

    assert check.result == "cannot tell"
    assert "no halves to compare" in check.detail
