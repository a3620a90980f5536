import math

import numpy as np
import pytest

from benchmarks.analysis.checks import Noise, noise, within_floor
from benchmarks.analysis.checks.noise import equal_to_itself
from benchmarks.analysis.stats.ratio import Interval
from tests.unit.benchmarks.analysis.checks.parts import measured, twice

RUNS = 2000
BLOCK_NOISE = 0.07
"""Measured for blocks of 25 requests (METHOD 1.3)."""


def found(low: float, high: float, *, surely: Interval | None = None) -> Noise:
    ratio = Interval(math.sqrt(low * high), low, high)
    floor = math.exp(max(abs(math.log(low)), abs(math.log(high)))) - 1
    return Noise(
        variant="cached", ratio=ratio, surely=surely or ratio, observations=20, floor=floor
    )


def findings(*, pairs: int, block_noise: float, truth: float = 1.0, runs: int = RUNS) -> list[str]:
    rng = np.random.default_rng(pairs)
    times = rng.lognormal(0, block_noise, (runs, 2, pairs))
    return [Noise.of("cached", truth * first, again).finding() for first, again in times]


def test_every_variant_is_compared_with_itself() -> None:
    seen = noise(twice(pairs=20, noise=0.02))

    assert [each.variant for each in seen] == ["uncached", "cached"]
    for each in seen:
        assert each.observations == 20
        assert each.ratio.low < 1 < each.ratio.high
        assert 1 + each.floor == pytest.approx(max(1 / each.ratio.low, each.ratio.high))


def test_quiet_blocks_pass_and_name_the_figures() -> None:
    guards = equal_to_itself(measured(twice(pairs=20, noise=0.02)))

    assert [(guard.name, guard.passed, guard.scenario) for guard in guards] == [
        ("noise", True, "")
    ] * 2
    assert "uncached against itself: equal, " in guards[0].detail


def test_the_second_time_being_slower_by_12_percent_is_different() -> None:
    guards = equal_to_itself(measured(twice(pairs=20, noise=0.02, difference=0.12)))

    assert [guard.passed for guard in guards] == [False, False]
    assert all("against itself: different" in guard.detail for guard in guards)
    assert all("measured twice differs" in guard.advice for guard in guards)


def test_a_loud_machine_is_noisy_and_not_different() -> None:
    guards = equal_to_itself(measured(twice(pairs=20, noise=0.3)))

    assert [guard.passed for guard in guards] == [False, False]
    assert all("against itself: noisy" in guard.detail for guard in guards)
    assert all("more blocks" in guard.advice for guard in guards)


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


@pytest.mark.parametrize("pairs", [16, 20])
def test_clean_runs_are_never_called_different(pairs: int) -> None:
    seen = findings(pairs=pairs, block_noise=BLOCK_NOISE)

    assert "different" not in seen
    assert seen.count("equal") / RUNS > 0.85


@pytest.mark.parametrize("block_noise", [0.02, 0.15, 0.4])
def test_nor_are_they_on_a_quiet_or_on_a_loud_machine(block_noise: float) -> None:
    seen = findings(pairs=20, block_noise=block_noise, runs=500)

    assert "different" not in seen


@pytest.mark.parametrize("pairs", [16, 20])
def test_a_true_difference_of_12_percent_does_not_pass(pairs: int) -> None:
    seen = findings(pairs=pairs, block_noise=BLOCK_NOISE, truth=1.12)

    assert seen.count("equal") / RUNS < 0.01


@pytest.mark.parametrize("pairs", [16, 20])
def test_a_true_difference_of_25_percent_is_called_one(pairs: int) -> None:
    seen = findings(pairs=pairs, block_noise=BLOCK_NOISE, truth=1.25)

    assert seen.count("different") / RUNS > 0.9


def test_one_observation_tells_nothing() -> None:
    samples = twice(pairs=1, noise=0.02)

    assert noise(samples) == ()
    [guard] = equal_to_itself(measured(samples))
    assert not guard.passed
    assert guard.advice == "measure more blocks"


@pytest.mark.parametrize(
    ("ratio", "inside"), [(1.0, True), (1.049, True), (0.954, True), (1.06, False), (0.94, False)]
)
def test_a_ratio_within_the_floor_shows_no_effect(ratio: float, inside: bool) -> None:  # noqa: FBT001
    assert within_floor(ratio, 0.05) is inside
