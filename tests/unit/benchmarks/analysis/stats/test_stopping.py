from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.analysis.claims.claim import CLAIMS
from benchmarks.analysis.claims.verdict import judge
from benchmarks.analysis.stats.intervals import Interval, paired_log_interval
from benchmarks.analysis.stats.stopping import StoppingRule
from tests.unit.benchmarks.analysis.simulated import coverage, paired_blocks

MOST = 30
RULE = StoppingRule()

Enough = Callable[[list[list[float]]], bool]


def measured_until(enough: Enough, reference: list[float], variant: list[float]) -> int:
    """Return after how many observations a run ends that asks after every second one."""
    for count in range(2, MOST, 2):
        if enough([reference[:count], variant[:count]]):
            return count
    return MOST


def covered(enough: Enough, *, noise: float, truth: float) -> float:
    """Return how often the interval of a run that was stopped holds the truth."""

    def stopped(reference: list[float], variant: list[float]) -> Interval:
        count = measured_until(enough, reference, variant)
        return paired_log_interval(reference[:count], variant[:count])

    runs = paired_blocks(np.random.default_rng(8), MOST, noise=noise, ratio=truth)
    return coverage(stopped, *runs, truth=truth)


@pytest.mark.rest
def test_stopping_once_the_verdict_is_clear_would_ruin_the_interval() -> None:
    # Why only the width decides: near the claim, sooner or later a look finds it excluded.
    def verdict_is_clear(observations: list[list[float]]) -> bool:
        reference, variant = observations
        if len(reference) < RULE.least:
            return False
        found = paired_log_interval(reference, variant)
        return judge(CLAIMS["C2"], low=found.low, high=found.high).decision != "inconclusive"

    assert covered(verdict_is_clear, noise=0.07, truth=5.005) < 0.90


@pytest.mark.parametrize(("noise", "count"), [(0.005, 10), (0.2, MOST)])
def test_quiet_runs_stop_early_and_noisy_ones_do_not(noise: float, count: int) -> None:
    reference, variant = paired_blocks(np.random.default_rng(1), MOST, noise=noise)

    assert measured_until(RULE.enough, reference[0].tolist(), variant[0].tolist()) == count


@pytest.mark.parametrize(
    ("variants", "enough"),
    [
        ([[2.0] * 10, [2.0] * 10], True),
        ([[2.0] * 10, [1.0, 1.5] * 5], False),  # all of them have to be known
        ([[2.0] * 8 + [1.0, 4.0]], True),  # the further observations do not decide
        ([], False),
    ],
)
def test_it_is_enough_once_every_ratio_is_known(
    variants: list[list[float]],
    enough: bool,  # noqa: FBT001
) -> None:
    assert RULE.enough([[8.0] * 10, *variants]) is enough


@pytest.mark.parametrize("count", [0, 2, 8, 9, 11])
def test_it_is_looked_at_from_the_least_on_and_after_every_second_observation(count: int) -> None:
    assert not RULE.enough([[8.0] * count, [2.0] * count])


def test_variants_need_as_many_observations() -> None:
    with pytest.raises(ValueError, match="as many"):
        RULE.enough([[8.0] * 10, [2.0] * 9])
