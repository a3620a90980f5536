import pytest

from benchmarks.analysis.checks.steadiness import noise
from tests.unit.benchmarks.analysis.checks.parts import measured, twice


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
