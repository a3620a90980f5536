import math

import numpy as np
import pytest

from benchmarks.analysis.checks import Noise, noise, within_floor
from benchmarks.analysis.checks.noise import equal_to_itself
from benchmarks.analysis.stats.ratio import Interval
from tests.unit.benchmarks.analysis.checks.parts import measured, twice

RUNS = 1000
BLOCK_NOISE = 0.07
"""Measured for blocks of 25 requests (METHOD 1.3)."""


def found(low: float, high: float, *, surely: Interval | None = None) -> Noise:
    ratio = Interval(math.sqrt(low * high), low, high)
    floor = math.exp(max(abs(math.log(low)), abs(math.log(high)))) - 1
    return Noise(
        variant="cached", ratio=ratio, surely=surely or ratio, observations=20, floor=floor
    )


def share(finding: str, *, pairs: int, truth: float, block_noise: float = BLOCK_NOISE) -> float:
    """Return how many of many runs end in a finding."""
    times = np.random.default_rng(pairs).lognormal(0, block_noise, (RUNS, 2, pairs))
    seen = [Noise.of("cached", truth * first, again).finding() for first, again in times]
    return seen.count(finding) / RUNS  # type: ignore[arg-type]


def test_every_variant_is_compared_with_itself() -> None:
    seen = noise(twice(pairs=20, noise=0.02))

    assert [each.variant for each in seen] == ["uncached", "cached"]
    for each in seen:
        assert each.observations == 20
        assert each.ratio.low < 1 < each.ratio.high
        assert 1 + each.floor == pytest.approx(max(1 / each.ratio.low, each.ratio.high))


@pytest.mark.parametrize(
    ("block_noise", "difference", "finding", "advice"),
    [
        (0.02, 0.0, "equal", ""),
        (0.02, 0.12, "different", "measured twice differs"),
        (0.3, 0.0, "noisy", "more blocks"),
    ],
)
def test_quiet_different_and_loud_blocks_are_told_apart(
    block_noise: float, difference: float, finding: str, advice: str
) -> None:
    checks = equal_to_itself(measured(twice(pairs=20, noise=block_noise, difference=difference)))

    for check, name in zip(checks, ("uncached", "cached"), strict=True):
        assert (check.name, check.scenario) == ("noise", "")
        assert check.passed is (finding == "equal")
        assert check.detail.startswith(f"{name} against itself: {finding}, ")
        assert advice in check.advice


@pytest.mark.parametrize(
    ("low", "high", "finding"),
    [
        (0.97, 1.04, "equal"),
        (1.001, 1.04, "equal"),  # a plain test would cry wolf here
        (1.02, 1.09, "equal"),
        (1.04, 1.12, "noisy"),  # the verdicts' margin would not call these two equal
        (0.88, 0.97, "noisy"),
        (0.85, 1.15, "noisy"),
        (1.051, 1.09, "different"),
        (0.90, 0.95, "different"),
        (1.06, 1.35, "noisy"),  # too wide to accuse anybody
    ],
)
def test_the_rule_is_that_of_the_docstring(low: float, high: float, finding: str) -> None:
    assert found(low, high).finding() == finding


def test_only_what_is_all_but_certain_is_different() -> None:
    assert found(1.06, 1.10, surely=Interval(1.08, 1.04, 1.13)).finding() == "noisy"


def test_the_full_profile_asks_for_narrower_intervals() -> None:
    assert found(0.95, 1.06).finding(half_width=0.10) == "equal"
    assert found(0.95, 1.06).finding(half_width=0.05) == "noisy"


@pytest.mark.parametrize(
    ("pairs", "block_noise"),
    [(16, BLOCK_NOISE), (20, BLOCK_NOISE), (20, 0.02), (20, 0.15), (20, 0.4)],
)
def test_clean_runs_are_never_called_different(pairs: int, block_noise: float) -> None:
    assert share("different", pairs=pairs, truth=1.0, block_noise=block_noise) == 0


def test_with_few_pairs_clean_runs_are_mostly_equal_and_true_differences_are_not_missed() -> None:
    assert share("equal", pairs=16, truth=1.0) > 0.85
    assert share("equal", pairs=16, truth=1.12) < 0.01
    assert share("different", pairs=16, truth=1.25) > 0.9


def test_one_observation_decides_nothing() -> None:
    samples = twice(pairs=1, noise=0.02)

    assert noise(samples) == ()
    [check] = equal_to_itself(measured(samples))
    assert not check.passed
    assert check.advice == "measure more blocks"


@pytest.mark.parametrize(
    ("ratio", "inside"), [(1.0, True), (1.049, True), (0.954, True), (1.06, False), (0.94, False)]
)
def test_a_ratio_within_the_floor_shows_no_effect(ratio: float, inside: bool) -> None:  # noqa: FBT001
    assert within_floor(ratio, 0.05) is inside
