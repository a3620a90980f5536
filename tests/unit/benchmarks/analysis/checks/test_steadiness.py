from dataclasses import replace

import pytest

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


def everybody_late(sample: Sample) -> bool:
    return sample.observation >= 8


def in_two_starts(samples: list[Sample]) -> list[Sample]:
    return [replace(each, restart=each.observation // 8) for each in samples]


def with_a_slower_ceiling() -> list[Sample]:
    samples = run_samples(observations=16, variants=("uncached", "cached", "static"))
    return slower(samples, lambda s: s.variant == "static" and s.observation >= 8, 3)


@pytest.mark.parametrize(
    ("samples", "result", "detail"),
    [
        (session(), "passed", "ratio of the second half to the first, at 90%: cached "),
        (slower(session(), everybody_late, 1.4), "passed", ""),
        (with_a_slower_ceiling(), "passed", ""),
        # Within the margin of the verdicts, however sure it is.
        *(
            (slower(session(block_noise=0.002), late, factor), "passed", "")
            for factor in (1.05, 1 / 1.05)
        ),
        *((slower(session(), late, factor), "noisy", "") for factor in (1.4, 1 / 1.4)),
        # Restarts follow each other in time.
        (slower(in_two_starts(session()), late, 1.4), "noisy", ""),
        # Four observations that differ by half: the second half is 0.4 to 3 times the first.
        (session(block_noise=0.5, observations=4), "cannot tell", "ratio of the second half"),
        (session(observations=3), "cannot tell", "fewer than 4 observations"),
    ],
)
def test_a_ratio_that_surely_changed_is_noisy_and_one_that_is_not_known_cannot_tell(
    samples: list[Sample], result: str, detail: str
) -> None:
    check = drift(measured(samples))

    assert check.result == result
    assert check.variants == (("cached",) if result == "noisy" else check.variants)
    assert check.detail.startswith(detail)
    assert bool(check.advice) is (result != "passed")


def test_runs_in_which_nothing_changed_are_never_called_noisy() -> None:
    results = {
        drift(measured(session(block_noise=0.2, seed=seed, observations=10))).result
        for seed in range(300)
    }

    assert "noisy" not in results
